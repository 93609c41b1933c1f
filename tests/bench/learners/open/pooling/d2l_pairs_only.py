# assignment: pooling
# question: pool2d
# function: pool2d
# kind: raises
# says: pool_size may be one int, which cannot be unpacked.
# shows: id only-pairs
# shows: line p_h, p_w = pool_size
# shows: raises TypeError
# also: id unknown-mode-accepted, oversized-window-accepted, channels-accepted, zeros-always-float32, device-hard-coded
import torch

def pool2d(X, pool_size, mode='max'):
    p_h, p_w = pool_size
    Y = torch.zeros((X.shape[0] - p_h + 1, X.shape[1] - p_w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            if mode == 'max':
                Y[i, j] = X[i: i + p_h, j: j + p_w].max()
            elif mode == 'avg':
                Y[i, j] = X[i: i + p_h, j: j + p_w].mean()
    return Y
