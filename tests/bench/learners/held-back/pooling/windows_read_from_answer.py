# assignment: pooling
# question: pool2d
# function: pool2d
# kind: values
# says: The window is read from the answer Y; it has to come from the image X.
# shows: line Y[i, j] = Y[i:i + ph, j:j + pw].max()
# also: id only-pairs
# also: line ph, pw = pool_size
# also: id oversized-window-accepted, channels-accepted, unknown-mode-accepted
import torch

def pool2d(X, pool_size, mode="max"):
    ph, pw = pool_size
    Y = X.new_zeros(X.shape[0] - ph + 1, X.shape[1] - pw + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            if mode == "max":
                Y[i, j] = Y[i:i + ph, j:j + pw].max()
            elif mode == "avg":
                Y[i, j] = X[i:i + ph, j:j + pw].mean()
            else:
                raise ValueError("mode " + mode)
    return Y
