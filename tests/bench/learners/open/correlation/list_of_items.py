# assignment: correlation
# question: corr2d
# function: corr2d
# kind: contract
# says: .item() and torch.tensor cut the graph: no gradient comes back to image and kernel.
# shows: id graph-cut
# shows: line row.append((X[i:i+kh, j:j+kw] * K).sum().item())
# shows: line return torch.tensor(result, dtype=X.dtype)
# also: id device-hard-coded
import torch

def corr2d(X, K):
    H, W = X.shape
    kh, kw = K.shape
    if kh > H or kw > W or kh == 0 or kw == 0:
        raise ValueError("bad kernel")
    result = []
    for i in range(H-kh+1):
        row = []
        for j in range(W-kw+1):
            row.append((X[i:i+kh, j:j+kw] * K).sum().item())
        result.append(row)
    return torch.tensor(result, dtype=X.dtype)
