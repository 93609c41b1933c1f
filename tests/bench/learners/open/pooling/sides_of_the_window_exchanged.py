# assignment: pooling
# question: pool2d
# function: pool2d
# kind: values
# says: The window's height belongs to the rows: you slice rows by the width and columns by the height.
# shows: id window-transposed
# shows: line win = X[i:i + w, j:j + h]
# shows: line h, w = p
import torch

def pool2d(X, pool_size, mode="max"):
    p = pool_size if isinstance(pool_size, tuple) else (pool_size, pool_size)
    if mode not in ["max", "avg"] or X.dim() != 2:
        raise ValueError("no")
    h, w = p
    rows = []
    if w > X.shape[0] or h > X.shape[1]:
        raise ValueError("window is too large")
    for i in range(X.shape[0] - w + 1):
        row = []
        for j in range(X.shape[1] - h + 1):
            win = X[i:i + w, j:j + h]
            row.append(win.max() if mode == "max" else win.mean())
        rows.append(torch.stack(row))
    return torch.stack(rows)
