# assignment: channels
# question: corr2d_multi_in
# function: corr2d_multi_in
# kind: raises
# says: Your corr2d takes two arguments, and you call it with three.
# shows: line total = total + corr2d(X[c], K[c], 1)
# shows: raises TypeError
import torch

def corr2d(X, K):
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1] or h * w == 0:
        raise ValueError("too large")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))

def corr2d_multi_in(X, K):
    if X.dim() != 3 or K.dim() != 3 or X.shape[0] != K.shape[0]:
        raise ValueError("channels")
    total = 0
    for c in range(X.shape[0]):
        total = total + corr2d(X[c], K[c], 1)   # 1 = stride
    return total
