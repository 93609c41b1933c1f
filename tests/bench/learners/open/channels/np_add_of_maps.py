# assignment: channels
# question: corr2d_multi_in
# function: corr2d_multi_in
# kind: raises
# says: add takes two maps and there may be one or many: sum the maps over a new axis.
# shows: id two-channels-only
# shows: line return torch.add(*maps)
# shows: raises TypeError, ValueError
import torch

def corr2d(X, K):
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1] or h * w == 0:
        raise ValueError("too large")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))

def corr2d_multi_in(X, K):
    if X.dim() != 3 or K.dim() != 3 or X.shape[0] != K.shape[0]:
        raise ValueError("channels")
    maps = [corr2d(x, k) for x, k in zip(X, K)]
    return torch.add(*maps)
