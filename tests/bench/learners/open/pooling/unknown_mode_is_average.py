# assignment: pooling
# question: pool2d
# function: pool2d
# kind: contract
# says: Any other mode is taken for avg: it has to be refused.
# shows: id unknown-mode-accepted
# shows: line else:
import torch

def pool2d(X, pool_size, mode="max"):
    if isinstance(pool_size, int): pool_size = [pool_size, pool_size]
    if X.dim() != 2: raise ValueError("2d image")
    ph, pw = pool_size
    w = X.unfold(0, ph, 1).unfold(1, pw, 1)
    if mode == "max":
        return w.amax((2, 3))
    else:
        return w.mean((2, 3))
