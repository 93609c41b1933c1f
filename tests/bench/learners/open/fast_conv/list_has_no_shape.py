# assignment: fast_conv
# question: conv2d_grouped
# function: conv2d_grouped
# kind: raises
# says: outs is a list, and lists have no shape: put it together with torch.cat first.
# shows: line outs = outs.reshape(N, W.shape[0], outs.shape[-2], outs.shape[-1])
# shows: raises AttributeError
import torch
import torch.nn.functional as F

def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N = X.shape[0]
    if groups < 1 or X.shape[1] % groups or W.shape[0] % groups or W.shape[1] * groups != X.shape[1]:
        raise ValueError("groups")
    X = F.pad(X, (pw, pw, ph, ph))
    outs = []
    for g in range(groups):
        x = X.chunk(groups, dim=1)[g].unfold(2, W.shape[2], sh).unfold(3, W.shape[3], sw)
        w = W.chunk(groups, dim=0)[g]
        outs.append(torch.einsum("nchwij,ocij->nohw", x, w))
    outs = outs.reshape(N, W.shape[0], outs.shape[-2], outs.shape[-1])
    if b is not None:
        outs = outs + b.reshape(1, -1, 1, 1)
    return outs
