# assignment: correlation
# question: corr2d
# function: corr2d
# kind: values
# says: The product is written into the image: X[i:i+h, j:j+w] *= K changes the caller's image and the later windows.
# shows: line patch *= K
import torch

def corr2d(X, K):
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1] or h == 0 or w == 0:
        raise ValueError("size")
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1, dtype=X.dtype, device=X.device)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            patch = X[i:i + h, j:j + w]
            patch *= K
            Y[i, j] = patch.sum()
    return Y
