# assignment: fast_conv
# question: conv2d_backward
# function: conv2d_backward
# kind: values
# says: db is a mean over the batch instead of a sum.
# shows: line db = g.sum(2).mean(0)
import torch
import torch.nn.functional as F

def pair(v):
    return (v, v) if isinstance(v, int) else tuple(v)

def conv2d_backward(grad, X, W, stride=1, padding=0):
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    if X.shape[1] != W.shape[1]:
        raise ValueError
    O, C, kh, kw = W.shape
    cols = F.unfold(X, (kh, kw), stride=(sh, sw), padding=(ph, pw)) if len(X) else X.new_zeros(0, C * kh * kw, grad.shape[2] * grad.shape[3])
    if grad.shape[0] != X.shape[0] or grad.shape[1] != O or grad.shape[2] * grad.shape[3] != cols.shape[2]:
        raise ValueError
    g = grad.reshape(len(X), O, -1)
    dW = torch.einsum("nol,nkl->ok", g, cols).reshape(W.shape)
    dcols = torch.einsum("ok,nol->nkl", W.reshape(O, -1), g)
    dX = F.fold(dcols, X.shape[2:], (kh, kw), stride=(sh, sw), padding=(ph, pw)) if len(X) else torch.zeros_like(X)
    db = g.sum(2).mean(0)
    return dX, dW, db
