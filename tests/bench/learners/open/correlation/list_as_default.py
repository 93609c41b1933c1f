# assignment: correlation
# question: corr2d
# function: corr2d
# kind: contract
# says: The default list is made once and kept: the rows of the first call are still in it at the second.
# shows: line def corr2d(X, K, rows=[]):
import torch

def corr2d(X, K, rows=[]):
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1] or h * w == 0:
        raise ValueError('kernel size')
    for i in range(X.shape[0] - h + 1):
        r = [(X[i:i + h, j:j + w] * K).sum() for j in range(X.shape[1] - w + 1)]
        rows.append(torch.stack(r))
    return torch.stack(rows)
