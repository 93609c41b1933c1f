# assignment: pooling
# question: pool2d
# function: pool2d
# kind: values
# says: The mean of a window divides by all its pixels, height times width.
# shows: id sum-for-average
# shows: line Y[i, j] = patch.sum() / p_h
# also: id only-pairs
# also: line p_h, p_w = pool_size
import torch

def pool2d(X, pool_size, mode="max"):
    p_h, p_w = pool_size
    if X.dim() != 2 or p_h > X.shape[0] or p_w > X.shape[1]:
        raise ValueError("X or pool_size")
    Y = torch.empty(X.shape[0] - p_h + 1, X.shape[1] - p_w + 1, dtype=X.dtype, device=X.device)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            patch = X[i:i + p_h, j:j + p_w]
            if mode == "max":
                Y[i, j] = patch.max()
            elif mode == "avg":
                Y[i, j] = patch.sum() / p_h
            else:
                raise ValueError(mode)
    return Y
