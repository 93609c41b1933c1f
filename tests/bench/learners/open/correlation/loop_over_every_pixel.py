# assignment: correlation
# question: corr2d
# function: corr2d
# kind: raises
# says: i and j visit every pixel of the image, and the answer is smaller: stop where the window still fits.
# shows: line for i in range(X.shape[0]):
# shows: line for j in range(X.shape[1]):
# shows: line Y[i, j] = (X[i:i+K.shape[0], j:j+K.shape[1]] * K).sum()
# shows: raises IndexError, RuntimeError
# also: id zeros-always-float32, device-hard-coded, oversized-kernel-accepted
import torch

def corr2d(X, K):
    Y = torch.zeros(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            Y[i, j] = (X[i:i+K.shape[0], j:j+K.shape[1]] * K).sum()
    return Y
