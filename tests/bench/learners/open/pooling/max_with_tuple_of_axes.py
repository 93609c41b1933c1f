# assignment: pooling
# question: pool2d_full
# function: pool2d_full
# kind: raises
# says: max takes one axis and answers a pair; for two axes there is amax.
# shows: line return windows.max(dim=(-1, -2))
# shows: raises TypeError
# also: id padding-always-counts
import torch
import torch.nn.functional as F

def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
    stride = kernel if stride is None else stride
    stride = (stride, stride) if isinstance(stride, int) else stride
    padding = (padding, padding) if isinstance(padding, int) else padding
    if min(stride) < 1 or min(padding) < 0:
        raise ValueError("stride, padding")
    value = -float("inf") if mode == "max" else 0
    Xp = F.pad(X, (padding[1], padding[1], padding[0], padding[0]), value=value)
    windows = Xp.unfold(2, kernel[0], stride[0]).unfold(3, kernel[1], stride[1])
    if mode == "max":
        return windows.max(dim=(-1, -2))
    elif mode == "avg":
        return windows.mean(dim=(-1, -2))
    raise ValueError("mode")
