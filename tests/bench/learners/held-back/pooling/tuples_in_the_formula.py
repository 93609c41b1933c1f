# assignment: pooling
# question: pool2d_full
# function: pool2d_full
# kind: raises
# says: kernel, stride and padding may be pairs, and a tuple cannot be used as a number.
# shows: id full-only-ints
# shows: line H2 = (H + 2 * padding - kernel) // stride + 1
# shows: raises TypeError
# also: id full-unknown-mode-accepted, border-not-dark-enough, padding-always-counts, integers-cannot-be-padded
import torch
import torch.nn.functional as F

def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    N, C, H, W = X.shape
    stride = stride or kernel
    H2 = (H + 2 * padding - kernel) // stride + 1
    W2 = (W + 2 * padding - kernel) // stride + 1
    if padding < 0 or H2 < 1 or W2 < 1:
        raise ValueError("sizes")
    P = F.pad(X, [padding] * 4, value=-1e30 if mode == "max" else 0.0)
    Y = X.new_zeros(N, C, H2, W2)
    for i in range(H2):
        for j in range(W2):
            w = P[:, :, i * stride:i * stride + kernel, j * stride:j * stride + kernel]
            Y[:, :, i, j] = w.amax((2, 3)) if mode == "max" else w.mean((2, 3))
    return Y
