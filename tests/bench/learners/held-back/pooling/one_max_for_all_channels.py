# assignment: pooling
# question: pool2d_full
# function: pool2d_full
# kind: values
# says: amax goes over the channels too; each channel is pooled on its own.
# shows: id channels-mixed
# shows: line best = windows.amax(dim=(1, 4, 5), keepdim=False)
# shows: line return best[:, None].expand(-1, X.shape[1], -1, -1)
# also: id full-unknown-mode-accepted, oversized-kernel-accepted, negative-padding-accepted, plane-accepted
import torch
import torch.nn.functional as F

def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    two = lambda v: (v, v) if isinstance(v, int) else tuple(v)
    k = two(kernel)
    s = k if stride is None else two(stride)
    p = two(padding)
    border = (p[1], p[1], p[0], p[0])
    if mode == "max":
        fill = float("-inf") if X.dtype.is_floating_point else torch.iinfo(X.dtype).min
        windows = F.pad(X, border, value=fill).unfold(2, k[0], s[0]).unfold(3, k[1], s[1])
        best = windows.amax(dim=(1, 4, 5), keepdim=False)
        return best[:, None].expand(-1, X.shape[1], -1, -1)
    windows = F.pad(X, border).unfold(2, k[0], s[0]).unfold(3, k[1], s[1])
    counts = F.pad(torch.ones_like(X), border).unfold(2, k[0], s[0]).unfold(3, k[1], s[1])
    if count_include_pad:
        return windows.mean((-1, -2))
    return windows.sum((-1, -2)) / counts.sum((-1, -2))
