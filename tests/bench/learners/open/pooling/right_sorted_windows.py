# assignment: pooling
# question: pool2d
# function: pool2d
# kind: right
import torch

def pool2d(X, pool_size, mode="max"):
    if not isinstance(pool_size, (tuple, list)):
        pool_size = [pool_size, pool_size]
    ph, pw = pool_size
    if X.dim() != 2:
        raise ValueError("image")
    w = X.unfold(0, ph, 1).unfold(1, pw, 1).flatten(2)
    reductions = {
        "max": lambda t: t.sort(dim=-1).values[..., -1],
        "avg": lambda t: t.sum(-1) / (ph * pw),
    }
    return reductions[mode](w)
