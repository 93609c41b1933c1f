# assignment: channels
# question: corr2d_multi_in
# function: corr2d_multi_in
# kind: right
from torch import einsum

def corr2d_multi_in(X, K):
    c, kh, kw = K.shape
    ch, H, W = X.shape
    if c != ch or kh > H or kw > W or c * kh * kw == 0:
        raise ValueError("shapes %s and %s" % (tuple(X.shape), tuple(K.shape)))
    windows = X.unfold(1, kh, 1)
    windows = windows.unfold(2, kw, 1)
    return einsum("cxyuv,cuv->xy", windows, K)
