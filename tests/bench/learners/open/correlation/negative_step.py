# assignment: correlation
# question: conv2d_true
# function: conv2d_true
# kind: raises
# says: A tensor cannot be sliced with a negative step: use K.flip(0, 1).
# shows: line return corr2d(X, K[::-1, ::-1])
# shows: raises ValueError
import torch

def corr2d(X, K):
    if X.dim() != 2 or K.dim() != 2 or K.numel() == 0 or X.numel() == 0:
        raise ValueError("2d only")
    H, W = X.shape
    kh, kw = K.shape
    if kh > H or kw > W:
        raise ValueError("too large")
    return sum(X[a:H - kh + 1 + a, b:W - kw + 1 + b] * K[a, b] for a in range(kh) for b in range(kw))

def conv2d_true(X, K):
    # flip rows and columns like in numpy
    return corr2d(X, K[::-1, ::-1])
