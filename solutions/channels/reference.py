"""Trusted implementations of the channels assignment, on torch's own operators."""

import torch.nn.functional as F

from autograder.suite import sums_of_products


@sums_of_products
def corr2d_multi_in(X, K):
    """Correlation of X (C, H, W) with K (C, kh, kw), summed over channels -> (H', W')."""
    if X.dim() != 3 or K.dim() != 3:
        raise ValueError("X and K must have three dimensions")
    return conv2d(X[None], K[None])[0, 0]


@sums_of_products
def corr2d_multi_in_out(X, K):
    """Correlation of X (C, H, W) with every kernel of K (C_out, C, kh, kw) -> (C_out, H', W')."""
    if X.dim() != 3 or K.dim() != 4:
        raise ValueError("X must have three dimensions and K four")
    return conv2d(X[None], K)[0]


@sums_of_products
def corr2d_multi_in_out_1x1(X, K):
    """``corr2d_multi_in_out`` for kernels of one pixel, K (C_out, C, 1, 1)."""
    if K.shape[2:] != (1, 1):
        raise ValueError("the kernels must be 1×1")
    return corr2d_multi_in_out(X, K)


@sums_of_products
def conv2d(X, W, b=None, stride=1, padding=0):
    """X (N, C, H, W), W (C_out, C, kh, kw), b (C_out,) or None -> (N, C_out, H', W').

    stride and padding are ints or pairs (height, width); padding is added on each side.
    """
    if X.dim() != 4 or W.dim() != 4:
        raise ValueError("X and W must have four dimensions")
    if X.shape[1] != W.shape[1]:
        raise ValueError("X and W must have as many input channels")
    if b is not None and b.shape != W.shape[:1]:
        raise ValueError("b must have one element for each output channel")
    if not X.is_floating_point():  # whole numbers below 2**53 are exact in double precision
        bias = None if b is None else b.double()
        return conv2d(X.double(), W.double(), bias, stride, padding).round().to(X.dtype)
    return F.conv2d(X, W, b, stride, padding)
