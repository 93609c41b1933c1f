# assignment: pooling
# question: pool2d
# function: pool2d
# kind: raises
# says: unfold is a method of tensors: numpy's arrays have none.
# shows: line win = np.asarray(X.detach()).unfold(0, ph, 1).unfold(1, pw, 1)
# shows: raises AttributeError, RuntimeError, TypeError
import numpy as np
import torch

def pool2d(X, pool_size, mode="max"):
    ph, pw = (pool_size, pool_size) if isinstance(pool_size, int) else pool_size
    if X.dim() != 2 or mode not in ("max", "avg"):
        raise ValueError("no")
    win = np.asarray(X.detach()).unfold(0, ph, 1).unfold(1, pw, 1)
    return torch.tensor(win.max((2, 3)) if mode == "max" else win.mean((2, 3)))
