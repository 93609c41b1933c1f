# assignment: correlation
# question: conv2d_true
# function: conv2d_true
# kind: values
# says: rot90 turns by 90 degrees; the kernel has to be turned by 180 (k=2).
# shows: id kernel-turned-by-a-quarter
# shows: id convolution-transposed
# shows: line turned = torch.rot90(K)
import torch


def corr2d(X, K):
    if X.ndim != 2 or K.ndim != 2 or K.numel() == 0:
        raise ValueError("expected two matrices")
    (H, W), (kh, kw) = X.shape, K.shape
    if kh > H or kw > W:
        raise ValueError("kernel does not fit")
    win = X.unfold(0, kh, 1).unfold(1, kw, 1)
    return (win * K).sum(dim=(-1, -2))


def conv2d_true(X, K):
    turned = torch.rot90(K)
    return corr2d(X, turned)
