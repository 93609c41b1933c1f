# assignment: fast_conv
# question: col2im
# function: col2im
# kind: values
# says: A pixel is in several windows: add what they bring (+=).
# shows: id last-window-wins, last-weight-wins
# shows: line img[:, :, a:a + sh * oh:sh, b:b + sw * ow:sw] = c6[:, :, a, b]
import torch

def pair(v):
    return (v, v) if isinstance(v, int) else tuple(v)

def col2im(columns, size, kernel, stride=1, padding=0):
    (H, W), (kh, kw), (sh, sw), (ph, pw) = pair(size), pair(kernel), pair(stride), pair(padding)
    n, rows, L = columns.shape
    oh, ow = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    c6 = columns.reshape(n, rows // (kh * kw), kh, kw, oh, ow)
    img = columns.new_zeros(n, rows // (kh * kw), H + 2 * ph + sh, W + 2 * pw + sw)
    for a in range(kh):
        for b in range(kw):
            img[:, :, a:a + sh * oh:sh, b:b + sw * ow:sw] = c6[:, :, a, b]
    return img[:, :, ph:ph + H, pw:pw + W]
