# assignment: channels
# question: conv2d
# function: conv2d
# kind: raises
# says: An int cannot be indexed: padding may be one number for both axes.
# shows: id only-pairs-accepted
# shows: line ph, pw = padding[0], padding[1]
# shows: raises TypeError
# also: id surplus-input-channels-dropped, single-bias-stretched
import torch
import torch.nn.functional as F

def conv2d(X, W, b=None, stride=1, padding=0):
    ph, pw = padding[0], padding[1]
    sh, sw = stride[0], stride[1]
    if ph < 0 or pw < 0 or sh < 1 or sw < 1:
        raise ValueError("no")
    Xp = F.pad(X, (pw, pw, ph, ph))
    w = Xp.unfold(2, W.shape[2], sh).unfold(3, W.shape[3], sw)
    Y = torch.einsum("nchwij,ocij->nohw", w, W)
    if b is not None:
        Y = Y + b.reshape(1, -1, 1, 1)
    return Y
