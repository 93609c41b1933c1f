# assignment: geometry
# question: pad2d
# function: pad2d
# kind: right
import torch

def _index(n, before, after, reflect, device):
    idx = torch.arange(-before, n + after, device=device)
    if reflect:
        if before >= n or after >= n:
            raise ValueError("reflection is too wide")
        idx = idx.abs()
        idx = (n - 1) - ((n - 1) - idx).abs()
    return idx

def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = padding
    if min(padding) < 0:
        raise ValueError("negative")
    if mode not in {"zeros", "reflect"}:
        raise ValueError("mode")
    H, W = X.shape[-2], X.shape[-1]
    if mode == "zeros":
        Y = X.new_zeros((*X.shape[:-2], top + H + bottom, left + W + right))
        Y[..., top:top + H, left:left + W] = X
        return Y
    rows = _index(H, top, bottom, True, X.device)
    cols = _index(W, left, right, True, X.device)
    return X.index_select(-2, rows).index_select(-1, cols)
