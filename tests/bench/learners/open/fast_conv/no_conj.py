# assignment: fast_conv
# question: conv2d_fft
# function: conv2d_fft
# kind: values
# says: The conjugate is missing: that is true convolution, and the wrong part of it is kept.
# shows: id unflipped-and-cropped-in-front
import torch
import torch.nn.functional as F

def pair(v):
    return (v, v) if isinstance(v, int) else tuple(v)

def conv2d_fft(X, W, b=None, padding=0):
    ph, pw = pair(padding)
    if X.shape[1] != W.shape[1] or ph < 0 or pw < 0:
        raise ValueError
    P = F.pad(X, (pw, pw, ph, ph))
    s = P.shape[2:]
    oh, ow = s[0] - W.shape[2] + 1, s[1] - W.shape[3] + 1
    if oh < 1 or ow < 1:
        raise ValueError
    fx, fw = torch.fft.rfft2(P), torch.fft.rfft2(W, s=s)
    Y = torch.fft.irfft2(torch.einsum("nchw,ochw->nohw", fx, fw), s=s)[:, :, :oh, :ow]
    return Y if b is None else Y + b[None, :, None, None]
