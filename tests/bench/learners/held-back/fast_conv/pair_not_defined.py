# assignment: fast_conv
# question: im2col
# function: im2col
# kind: raises
# says: pair is not defined; the given helper is called as_pair.
# shows: line kh, kw = pair(kernel)
# shows: raises NameError
import torch
import torch.nn.functional as F

def as_pair(size):
    return (size, size) if isinstance(size, int) else tuple(size)

def im2col(X, kernel, stride=1, padding=0):
    kh, kw = pair(kernel)
    sh, sw = pair(stride)
    ph, pw = pair(padding)
    P = F.pad(X, (pw, pw, ph, ph))
    u = P.unfold(2, kh, sh).unfold(3, kw, sw)
    return u.permute(0, 1, 4, 5, 2, 3).reshape(X.shape[0], X.shape[1] * kh * kw, -1)
