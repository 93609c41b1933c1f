# assignment: correlation
# question: corr2d
# function: corr2d
# kind: raises
# says: X[i:i+h, j+w] is one column, and the last one lies outside: the columns of a window are j:j+w.
# shows: line Y[i, j] = (X[i:i+h, j+w] * K).sum()
# shows: raises IndexError, RuntimeError
# also: id zeros-always-float32, device-hard-coded, oversized-kernel-accepted
import torch

def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i:i+h, j+w] * K).sum()
    return Y
