# assignment: correlation
# question: corr2d
# function: corr2d
# kind: values
# says: The answer is as large as the image; it should have only as many rows and columns as the window has places.
# shows: id answer-in-the-corner-of-an-image
# shows: id output-padded
# shows: line Y = torch.zeros_like(X)
# also: id oversized-kernel-accepted
import torch

def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros_like(X)
    for i in range(X.shape[0] - h + 1):
        for j in range(X.shape[1] - w + 1):
            Y[i, j] = (X[i: i + h, j: j + w] * K).sum()
    return Y
