# assignment: fast_conv
# question: conv2d_grouped
# function: conv2d_grouped
# kind: contract
# says: W.mul_ changes the caller's kernels.
# shows: id grouped-inputs-changed
# shows: line W.data.mul_(1.0 / groups)
# also: id grouped-graph-cut
import torch
import torch.nn.functional as F

def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    if groups < 1 or X.shape[1] % groups or W.shape[0] % groups or W.shape[1] * groups != X.shape[1]:
        raise ValueError("groups")
    if W.is_floating_point():
        W.data.mul_(1.0 / groups)
    win = F.pad(X, (pw, pw, ph, ph)).unfold(2, W.shape[2], sh).unfold(3, W.shape[3], sw)
    parts = [torch.einsum("nchwij,ocij->nohw", x, w)
             for x, w in zip(win.chunk(groups, 1), W.chunk(groups, 0))]
    Y = torch.cat(parts, 1)
    if W.is_floating_point():
        Y = Y * groups
    return Y if b is None else Y + b[:, None, None]
