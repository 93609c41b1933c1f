# assignment: channels
# question: corr2d_multi_in
# function: corr2d_multi_in
# kind: contract
# says: zip stops at the shorter one: compare the numbers of channels first.
# shows: id channels-zipped
# shows: line return sum(corr2d(x, k) for x, k in zip(X, K))
import torch

def corr2d(X, K):
    """Compute 2D cross-correlation."""
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1] or h * w == 0:
        raise ValueError("too large")
    rows = [torch.stack([(X[i:i + h, j:j + w] * K).sum() for j in range(X.shape[1] - w + 1)])
            for i in range(X.shape[0] - h + 1)]
    return torch.stack(rows)

def corr2d_multi_in(X, K):
    if X.dim() != 3 or K.dim() != 3:
        raise ValueError("three axes each")
    return sum(corr2d(x, k) for x, k in zip(X, K))
