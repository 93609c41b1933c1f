# assignment: fast_conv
# question: conv2d_grouped
# function: conv2d_grouped
# kind: values
# says: A group is a block of neighbouring channels, not every groups-th channel.
# shows: id input-groups-interleaved
# shows: line part = X[:, g::groups]
# also: id surplus-channels-in-no-group, kernel-channels-not-checked, grouped-oversized-accepted
import torch
import torch.nn.functional as F

def _conv(X, W, stride, padding):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    P = F.pad(X, (pw, pw, ph, ph))
    win = P.unfold(2, W.shape[2], sh).unfold(3, W.shape[3], sw)
    return torch.einsum("nchwij,ocij->nohw", win, W)

def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    outs = []
    for g in range(groups):
        part = X[:, g::groups]
        n = W.shape[0] // groups
        outs.append(_conv(part, W[g * n:(g + 1) * n], stride, padding))
    Y = torch.cat(outs, dim=1)
    return Y if b is None else Y + b[None, :, None, None]
