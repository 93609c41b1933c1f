# assignment: correlation
# question: corr2d
# function: corr2d
# kind: contract
# says: add_ changes the caller's kernel: the next call gets another one.
# shows: id input-changed
# shows: line K.add_(1)
import torch

def corr2d(X, K):
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1] or h * w == 0:
        raise ValueError("no place")
    ans = (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((-1, -2))
    with torch.no_grad():
        K.add_(1)   # so that I see below which kernels were used already
    return ans
