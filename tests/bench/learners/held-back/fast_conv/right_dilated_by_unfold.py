# assignment: fast_conv
# question: conv2d_dilated
# function: conv2d_dilated
# kind: right
import torch
import torch.nn.functional as F

def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    pairs = []
    for v in (stride, padding, dilation):
        pairs.append((v, v) if isinstance(v, int) else tuple(v))
    (sh, sw), (ph, pw), (dh, dw) = pairs
    O, C, kh, kw = W.shape
    if C != X.shape[1] or min(sh, sw, dh, dw) < 1 or min(ph, pw) < 0:
        raise ValueError("arguments")
    reach_h, reach_w = dh * (kh - 1) + 1, dw * (kw - 1) + 1
    P = F.pad(X, (pw, pw, ph, ph))
    # wide windows, of which only every d-th pixel is kept
    wide = P.unfold(2, reach_h, sh).unfold(3, reach_w, sw)
    thin = wide[..., ::dh, ::dw]
    Y = (thin[:, None] * W[None, :, :, None, None]).sum((2, 5, 6))
    return Y if b is None else Y + b.reshape(1, O, 1, 1)
