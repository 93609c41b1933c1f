# assignment: channels
# question: conv2d
# function: conv2d
# kind: values
# says: The zeros stand on all four sides; you put the image at the end of the padded one.
# shows: id padding-on-one-side
# shows: line big[:, :, 2 * ph:, 2 * pw:] = X
# also: id surplus-input-channels-dropped, single-bias-stretched, oversized-kernel-gives-empty-maps, negative-padding-crops, division-by-a-stride-of-zero
# also: id maps-always-float32, maps-on-the-cpu
import torch

def to_pair(v):
    return (v, v) if isinstance(v, int) else tuple(v)

def conv2d(X, W, b=None, stride=1, padding=0):
    (sh, sw), (ph, pw) = to_pair(stride), to_pair(padding)
    N, C, H, Wd = X.shape
    O, C2, kh, kw = W.shape
    big = torch.zeros(N, C, H + 2 * ph, Wd + 2 * pw)
    big[:, :, 2 * ph:, 2 * pw:] = X
    win = big.unfold(2, kh, sh).unfold(3, kw, sw)
    res = torch.einsum("nchwab,ocab->nohw", win, W)
    return res if b is None else res + b[None, :, None, None]
