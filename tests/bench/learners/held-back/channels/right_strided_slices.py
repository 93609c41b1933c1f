# assignment: channels
# question: conv2d
# function: conv2d
# kind: right
import torch

def conv2d(X, W, b=None, stride=1, padding=0):
    sh, sw = stride if isinstance(stride, (list, tuple)) else (stride, stride)
    ph, pw = padding if isinstance(padding, (list, tuple)) else (padding, padding)
    if sh < 1 or sw < 1 or ph < 0 or pw < 0:
        raise ValueError("stride >= 1, padding >= 0")
    n, c, h, w = X.shape
    o, ci, kh, kw = W.shape
    if ci != c:
        raise ValueError("in channels")
    if b is not None and tuple(b.shape) != (o,):
        raise ValueError("bias")
    oh, ow = (h + 2 * ph - kh) // sh + 1, (w + 2 * pw - kw) // sw + 1
    if h + 2 * ph < kh or w + 2 * pw < kw:
        raise ValueError("too small")
    canvas = X.new_zeros(n, c, h + 2 * ph, w + 2 * pw)
    canvas[:, :, ph:ph + h, pw:pw + w] = X
    out = X.new_zeros(n, o, oh, ow)
    for u in range(kh):
        for v in range(kw):
            grid = canvas[:, :, u:u + (oh - 1) * sh + 1:sh, v:v + (ow - 1) * sw + 1:sw]
            for ch in range(c):
                out = out + grid[:, ch:ch + 1] * W[:, ch, u, v].reshape(1, o, 1, 1)
    if b is None:
        return out
    return out.add(b.reshape(o, 1, 1))
