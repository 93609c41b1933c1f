# assignment: fast_conv
# question: col2im
# function: col2im
# kind: raises
# says: image is added to before it exists: begin with zeros in front of the loops.
# shows: line image[:, :, a:a + sh * oh:sh, b:b + sw * ow:sw] += c6[:, :, a, b]
# shows: raises UnboundLocalError
import torch

def pair(v):
    return (v, v) if isinstance(v, int) else tuple(v)

def col2im(columns, size, kernel, stride=1, padding=0):
    (H, W), (kh, kw), (sh, sw), (ph, pw) = pair(size), pair(kernel), pair(stride), pair(padding)
    n, rows, L = columns.shape
    oh, ow = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    if oh * ow != L or kh > H + 2 * ph or kw > W + 2 * pw:
        raise ValueError("L")
    c6 = columns.reshape(n, rows // (kh * kw), kh, kw, oh, ow)
    for a in range(kh):
        for b in range(kw):
            image[:, :, a:a + sh * oh:sh, b:b + sw * ow:sw] += c6[:, :, a, b]
            if a == kh - 1 and b == kw - 1:
                image = image[:, :, ph:ph + H, pw:pw + W]
    return image
