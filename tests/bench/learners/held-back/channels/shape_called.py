# assignment: channels
# question: corr2d_multi_in
# function: corr2d_multi_in
# kind: raises
# says: shape is no function: X.shape[0], not X.shape().
# shows: line c, h, w = X.shape()
# shows: raises TypeError
# also: id sum-always-float32, sum-on-the-cpu, oversized-kernel-accepted
import torch

def corr2d_multi_in(X, K):
    c, h, w = X.shape()
    ck, kh, kw = K.shape()
    if c != ck:
        raise ValueError("channels")
    out = torch.zeros(h - kh + 1, w - kw + 1)
    for i in range(h - kh + 1):
        for j in range(w - kw + 1):
            out[i][j] = (X[:, i:i + kh, j:j + kw] * K).sum()
    return out
