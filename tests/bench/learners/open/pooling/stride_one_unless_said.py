# assignment: pooling
# question: pool2d_full
# function: pool2d_full
# kind: values
# says: Without a stride the window moves by its own size, not by one pixel.
# shows: id default-stride-one
# shows: line s = stride or 1
# also: id full-unknown-mode-accepted, oversized-kernel-accepted, negative-padding-accepted, plane-accepted, any-stride
import torch
import torch.nn.functional as F

def as_pair(x):
    return (x, x) if isinstance(x, int) else tuple(x)

def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    k = as_pair(kernel)
    s = stride or 1
    s = as_pair(s)
    p = as_pair(padding)
    if mode == "max":
        low = float("-inf") if X.is_floating_point() else torch.iinfo(X.dtype).min
        Xp = F.pad(X, (p[1], p[1], p[0], p[0]), value=low)
        return Xp.unfold(2, k[0], s[0]).unfold(3, k[1], s[1]).amax((4, 5))
    if mode == "avg":
        Xp = F.pad(X, (p[1], p[1], p[0], p[0]))
        T = Xp.unfold(2, k[0], s[0]).unfold(3, k[1], s[1]).sum((4, 5))
        if count_include_pad:
            return T / (k[0] * k[1])
        one = F.pad(torch.ones_like(X), (p[1], p[1], p[0], p[0]))
        return T / one.unfold(2, k[0], s[0]).unfold(3, k[1], s[1]).sum((4, 5))
    raise ValueError(mode)
