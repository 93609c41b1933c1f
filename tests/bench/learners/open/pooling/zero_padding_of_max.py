# assignment: pooling
# question: pool2d_full
# function: pool2d_full
# kind: values
# says: Zeros at the border win against negative pixels: the maximum is padded with minus infinity.
# shows: id zeros-around-the-maximum
# shows: line X = F.pad(X, (pw, pw, ph, ph))
# also: id full-unknown-mode-accepted, oversized-kernel-accepted, negative-padding-accepted, plane-accepted
import torch
import torch.nn.functional as F

def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    if stride is None:
        stride = kernel
    kh, kw = (kernel, kernel) if isinstance(kernel, int) else kernel
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    ones = F.pad(torch.ones_like(X), (pw, pw, ph, ph))
    X = F.pad(X, (pw, pw, ph, ph))
    win = X.unfold(2, kh, sh).unfold(3, kw, sw)
    if mode == "max":
        return win.amax((-2, -1))
    total = win.sum((-2, -1))
    if count_include_pad:
        return total / (kh * kw)
    return total / ones.unfold(2, kh, sh).unfold(3, kw, sw).sum((-2, -1))
