# assignment: fast_conv
# question: conv2d_backward
# function: conv2d_backward
# kind: values
# says: The gradient of the bias is a sum over images and places, not a mean.
# shows: id db-averaged
# shows: line db = grad.mean(dim=(0, 2, 3))
# also: id misfitting-gradient-accepted
import torch
import torch.nn.functional as F

def conv2d_backward(grad, X, W, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, Wd = X.shape
    O, Ci, kh, kw = W.shape
    oh, ow = (H + 2 * ph - kh) // sh + 1, (Wd + 2 * pw - kw) // sw + 1
    P = F.pad(X, (pw, pw, ph, ph))
    dP = torch.zeros_like(P)
    dW = torch.zeros_like(W)
    for a in range(kh):
        for b in range(kw):
            rows = slice(a, a + (oh - 1) * sh + 1, sh)
            cols = slice(b, b + (ow - 1) * sw + 1, sw)
            dW[:, :, a, b] = torch.einsum("nohw,nchw->oc", grad, P[:, :, rows, cols])
            dP[:, :, rows, cols] += torch.einsum("nohw,oc->nchw", grad, W[:, :, a, b])
    db = grad.mean(dim=(0, 2, 3))
    return dP[:, :, ph:ph + H, pw:pw + Wd], dW, db
