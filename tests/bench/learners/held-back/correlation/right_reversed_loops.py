# assignment: correlation
# question: conv2d_true
# function: conv2d_true
# kind: right
import torch

def conv2d_true(X, K):
    (H, W), (kh, kw) = X.shape, K.shape
    oh, ow = H - kh + 1, W - kw + 1
    if min(oh, ow, kh, kw) < 1:
        raise ValueError("kernel must fit")
    out = None
    for a in reversed(range(kh)):
        for b in reversed(range(kw)):
            r, c = kh - 1 - a, kw - 1 - b
            term = X[r:r + oh, c:c + ow] * K[a, b]
            out = term if out is None else out + term
    return out
