# assignment: fast_conv
# question: im2col
# function: im2col
# kind: values
# says: The slice has to go in steps of the stride: a:a + oh * sh:sh.
# shows: id stride-in-the-size-only
# shows: line cols.append(P[:, :, a:a + oh, b:b + ow])
# also: id no-window-accepted, negative-numbers-accepted
import torch
import torch.nn.functional as F

def as_pair(size):
    return (size, size) if isinstance(size, int) else tuple(size)

def im2col(X, kernel, stride=1, padding=0):
    kh, kw = as_pair(kernel)
    sh, sw = as_pair(stride)
    ph, pw = as_pair(padding)
    N, C, H, W = X.shape
    oh = (H + 2 * ph - kh) // sh + 1
    ow = (W + 2 * pw - kw) // sw + 1
    P = F.pad(X, (pw, pw, ph, ph))
    cols = []
    for a in range(kh):
        for b in range(kw):
            cols.append(P[:, :, a:a + oh, b:b + ow])
    return torch.stack(cols, dim=2).reshape(N, C * kh * kw, oh * ow)
