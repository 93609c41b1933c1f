# assignment: correlation
# question: corr2d
# function: corr2d
# kind: raises
# says: The shape of the kernel is (height, width), and you unpack it as width, height.
# shows: id kernel-transposed
# shows: line w, h = K.shape
# also: id zeros-always-float32, device-hard-coded, oversized-kernel-accepted
import torch

def corr2d(X, K):
    """d2l section 6.2"""
    w, h = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i:i + h, j:j + w] * K).sum()
    return Y
