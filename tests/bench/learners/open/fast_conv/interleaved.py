# assignment: fast_conv
# question: conv2d_grouped
# function: conv2d_grouped
# kind: values
# says: Group g takes every groups-th channel instead of a block of neighbours.
# shows: id groups-interleaved, input-groups-interleaved, kernels-interleaved
import torch
import torch.nn.functional as F

def pair(v):
    return (v, v) if isinstance(v, int) else tuple(v)

def plain(X, W, stride, padding):
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    win = F.pad(X, (pw, pw, ph, ph)).unfold(2, W.shape[2], sh).unfold(3, W.shape[3], sw)
    return torch.einsum("ncijab,ocab->noij", win, W)

def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    if X.shape[1] % groups or W.shape[0] % groups or W.shape[1] != X.shape[1] // groups:
        raise ValueError
    out = [plain(X[:, g::groups], W[g::groups], stride, padding) for g in range(groups)]
    Y = torch.cat(out, 1)
    return Y if b is None else Y + b[None, :, None, None]
