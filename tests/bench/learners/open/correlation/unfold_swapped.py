# assignment: correlation
# question: corr2d
# function: corr2d
# kind: values
# says: Height and width of the kernel are exchanged, and its indices, too: that is the transposed kernel.
# shows: id kernel-transposed
import torch

def corr2d(X, K):
    if X.dim() != 2 or K.dim() != 2 or 0 in K.shape or 0 in X.shape:
        raise ValueError
    kw, kh = K.shape
    windows = X.unfold(0, kh, 1).unfold(1, kw, 1)
    return torch.einsum("ijab,ba->ij", windows, K)
