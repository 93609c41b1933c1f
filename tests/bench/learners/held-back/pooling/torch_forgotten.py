# assignment: pooling
# question: pool2d
# function: pool2d
# kind: raises
# says: torch is not imported: write import torch at the top.
# shows: line Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
# shows: raises NameError
# also: id zeros-always-float32, device-hard-coded, unknown-mode-accepted, oversized-window-accepted, channels-accepted
import numpy as np

def pool2d(X, pool_size, mode="max"):
    if np.isscalar(pool_size):
        pool_size = (pool_size, pool_size)
    h, w = pool_size
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = X[i:i + h, j:j + w].max() if mode == "max" else X[i:i + h, j:j + w].mean()
    return Y
