# assignment: correlation
# question: corr2d
# function: corr2d
# kind: raises
# says: A window ends at i + h, not at h.
# shows: line window = X[i:h, j:w]
# shows: line Y[i, j] = torch.sum(window * K)
# shows: raises RuntimeError
# also: id zeros-always-float32, device-hard-coded, oversized-kernel-accepted
import torch

def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0]-h+1, X.shape[1]-w+1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            window = X[i:h, j:w]
            Y[i, j] = torch.sum(window * K)
    return Y
