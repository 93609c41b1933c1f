# assignment: pooling
# question: pool2d
# function: pool2d
# kind: raises
# says: Your pool2d wants a stride that nobody gives: its signature is (X, pool_size, mode="max").
# shows: line def pool2d(X, pool_size, mode, stride):
# shows: raises TypeError
import torch

def pool2d(X, pool_size, mode, stride):
    ph, pw = (pool_size, pool_size) if isinstance(pool_size, int) else pool_size
    if X.dim() != 2 or mode not in ("max", "avg"):
        raise ValueError("no")
    w = X.unfold(0, ph, stride).unfold(1, pw, stride)
    return w.amax((2, 3)) if mode == "max" else w.mean((2, 3))
