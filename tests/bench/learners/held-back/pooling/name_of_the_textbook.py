# assignment: pooling
# question: pool2d_full
# function: pool2d_full
# kind: cell
# says: pool2d_full is not defined; your function is called pool_2d_ful.
# shows: message pool_2d_ful
import torch
import torch.nn.functional as F

def pool_2d_ful(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    k = (kernel, kernel) if isinstance(kernel, int) else kernel
    s = k if stride is None else ((stride, stride) if isinstance(stride, int) else stride)
    p = (padding, padding) if isinstance(padding, int) else padding
    if min(s) < 1 or min(p) < 0 or mode not in ("max", "avg"):
        raise ValueError("arguments")
    v = float("-inf") if mode == "max" else 0.0
    w = F.pad(X, (p[1], p[1], p[0], p[0]), value=v).unfold(2, k[0], s[0]).unfold(3, k[1], s[1])
    return w.amax((4, 5)) if mode == "max" else w.mean((4, 5))
