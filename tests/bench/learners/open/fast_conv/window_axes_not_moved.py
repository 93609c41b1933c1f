# assignment: fast_conv
# question: im2col
# function: im2col
# kind: values
# says: The kernel's axes have to come before the places: permute, then reshape.
# shows: id reshape-without-permute
# shows: line return win.reshape(n, c * kh * kw, oh * ow)
# also: id no-window-accepted, negative-numbers-accepted
import torch
import torch.nn.functional as F

def im2col(X, kernel, stride=1, padding=0):
    kh, kw = (kernel, kernel) if isinstance(kernel, int) else kernel
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    n, c, h, w = X.shape
    P = F.pad(X, (pw, pw, ph, ph))
    win = P.unfold(2, kh, sh).unfold(3, kw, sw)
    oh, ow = win.shape[2:4]
    return win.reshape(n, c * kh * kw, oh * ow)
