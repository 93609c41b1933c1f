"""Trusted implementations of the pooling assignment, on torch's own operators.

All four operators are marked as sums of products: an average is one. A maximum is exact in any
order, but it shares the mark for two reasons. An answer collected in a float32 buffer then differs
from the exact one by its rounding, and is charged where dtypes are, not as a wrong value. And an
implementation that adds and subtracts, as a + relu(b − a), is right. No wrong maximum comes near
the bound, some 8·eps times the norm of the image. Integers are compared exactly all the same.
"""

import torch.nn.functional as F

from autograder.suite import sums_of_products


def pair(size):
    """(height, width) of a size that may be one int."""
    return (size, size) if isinstance(size, int) else tuple(size)


@sums_of_products
def pool2d(X, pool_size, mode="max"):
    """X (H, W) -> (H-ph+1, W-pw+1): the maximum or average of every window, with stride 1."""
    if X.dim() != 2:
        raise ValueError("X must have two dimensions")
    return pool2d_full(X[None, None], pool_size, 1, 0, mode)[0, 0]


@sums_of_products
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    """X (N, C, H, W) -> (N, C, H', W'); stride None is the kernel's size, sizes are rounded down.

    Padding counts per side. A maximum never sees it; an average counts it as zeros, unless
    ``count_include_pad`` is false."""
    if X.dim() != 4:
        raise ValueError("X must have four dimensions")
    kernel, padding = pair(kernel), pair(padding)
    stride = kernel if stride is None else pair(stride)
    if min(kernel) < 1 or min(stride) < 1 or min(padding) < 0:
        raise ValueError("the kernel and the stride must be positive, the padding not negative")
    sizes = zip(X.shape[2:], kernel, padding, strict=True)
    if any(k > n + 2 * p for n, k, p in sizes):
        raise ValueError("the kernel is larger than the padded image")
    if mode == "max":
        return F.max_pool2d(X, kernel, stride, padding)
    if mode == "avg":
        return F.avg_pool2d(X, kernel, stride, padding, count_include_pad=count_include_pad)
    raise ValueError(f"unknown mode {mode!r}")


@sums_of_products
def adaptive_avg_pool2d(X, output_size):
    """X (N, C, H, W) -> (N, C, *output_size): averages over the windows [⌊i·n/o⌋, ⌈(i+1)·n/o⌉)."""
    if X.dim() != 4:
        raise ValueError("X must have four dimensions")
    if min(pair(output_size)) < 1:
        raise ValueError("the output size must be positive")
    return F.adaptive_avg_pool2d(X, output_size)


@sums_of_products
def global_avg_pool2d(X):
    """X (N, C, H, W) -> (N, C): the average of every channel of every image."""
    if X.dim() != 4:
        raise ValueError("X must have four dimensions")
    return X.mean((2, 3))


def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    """Windows of one axis, as torch counts them: rounded up, the last one must still start inside
    the input or its left padding."""
    if k < 1 or stride < 1 or padding < 0:
        raise ValueError("k and stride must be positive, padding not negative")
    if k > n + 2 * padding:
        raise ValueError("the kernel is larger than the padded input")
    windows = (n + 2 * padding - k + (stride - 1 if ceil_mode else 0)) // stride + 1
    return windows - 1 if ceil_mode and (windows - 1) * stride >= n + padding else windows
