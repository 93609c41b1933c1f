# assignment: fast_conv
# question: conv2d_fast
# function: conv2d_fast
# kind: values
# says: (N, L, C_out) has to be transposed before it is reshaped.
# shows: id output-channels-last
# shows: line return out.reshape(N, O, oh, ow)
# also: id oversized-kernel-accepted, mismatched-channels-accepted, negative-padding-crops
import torch
import torch.nn.functional as F

def conv2d_fast(X, W, b=None, stride=1, padding=0):
    N, C, H, _ = X.shape
    O, I, kh, kw = W.shape
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    win = F.pad(X, (pw, pw, ph, ph)).unfold(2, kh, sh).unfold(3, kw, sw)
    oh, ow = win.size(2), win.size(3)
    rows = win.permute(0, 2, 3, 1, 4, 5).reshape(N, oh * ow, C * kh * kw)
    out = rows @ W.reshape(O, -1).t()
    if b is not None:
        out = out + b
    return out.reshape(N, O, oh, ow)
