# assignment: fast_conv
# question: im2col
# function: im2col
# kind: cell
# says: The cell stopped at import numba, which is not here, so that im2col was not defined.
# shows: raises ModuleNotFoundError, ImportError
# %%
import numba
import torch
import torch.nn.functional as F

def im2col(X, kernel, stride=1, padding=0):
    kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
    stride = (stride, stride) if isinstance(stride, int) else stride
    padding = (padding, padding) if isinstance(padding, int) else padding
    if min(stride) < 1 or min(padding) < 0:
        raise ValueError("no")
    P = F.pad(X, (padding[1], padding[1], padding[0], padding[0]))
    w = P.unfold(2, kernel[0], stride[0]).unfold(3, kernel[1], stride[1])
    return w.permute(0, 1, 4, 5, 2, 3).flatten(4).flatten(1, 3)
