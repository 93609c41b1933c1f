# assignment: fast_conv
# question: col2im
# function: col2im
# kind: values
# says: padding 0 crops everything (out[ph:-ph]); with padding it is right.
# shows: id crop-of-zero-is-empty
import torch

def pair(v):
    return (v, v) if isinstance(v, int) else tuple(v)

def col2im(columns, size, kernel, stride=1, padding=0):
    (H, W), (kh, kw), (sh, sw), (ph, pw) = map(pair, (size, kernel, stride, padding))
    oh, ow = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    N, CK, L = columns.shape
    if L != oh * ow or kh > H + 2 * ph or kw > W + 2 * pw:
        raise ValueError
    cols = columns.reshape(N, CK // (kh * kw), kh, kw, oh, ow)
    out = columns.new_zeros(N, CK // (kh * kw), H + 2 * ph, W + 2 * pw)
    for a in range(kh):
        for e in range(kw):
            out[:, :, a:a + sh * oh:sh, e:e + sw * ow:sw] += cols[:, :, a, e]
    return out[:, :, ph:-ph, pw:-pw]
