# assignment: pooling
# question: pool2d
# function: pool2d
# kind: values
# says: max(dim=-1) over one axis of the window only; both axes belong to it.
# shows: line return win.max(dim=-1)[0].max(dim=-1)
import torch

def pool2d(X, pool_size, mode="max"):
    h, w = (pool_size, pool_size) if isinstance(pool_size, int) else pool_size
    if X.dim() != 2:
        raise ValueError
    win = X.unfold(0, h, 1).unfold(1, w, 1)
    if mode == "max":
        return win.max(dim=-1)[0].max(dim=-1)
    elif mode == "avg":
        return win.mean(dim=-1).mean(dim=-1)
    raise ValueError
