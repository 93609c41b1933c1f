# assignment: correlation
# question: corr2d
# function: corr2d
# kind: right
import torch

def corr2d(X, K):
    print("corr2d", tuple(X.shape), tuple(K.shape))
    h, w = K.shape
    H, W = X.shape
    if h == 0 or w == 0 or h > H or w > W:
        raise ValueError("核太大")
    rows = []
    for top in range(H - h + 1):
        cells = []
        for left in range(W - w + 1):
            cells.append(torch.sum(X[top:top + h, left:left + w] * K))
        rows.append(torch.stack(cells))
    return torch.stack(rows).to(X.dtype)
