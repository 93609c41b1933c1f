"""Trusted implementations of the pooling assignment, on torch's own operators.

All four operators are marked as sums of products: an average is one. A maximum is exact in any
order, but it shares the mark for two reasons. An answer collected in a float32 buffer then differs
from the exact one by its rounding, and is charged where dtypes are, not as a wrong value. And an
implementation that adds and subtracts, as a + relu(b − a), is right. No wrong maximum comes near
the bound, some 8·eps times the norm of the image. Integers are compared exactly all the same.
"""

import torch
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


def test_pool2d_full(pool2d_full):
    """Which mistakes can be found: those that it finds. An answer shows neither gradients nor what
    became of the argument."""
    X = (torch.arange(2.0 * 3 * 7 * 6) * 37 % 101 - 50).reshape(2, 3, 7, 6)  # with a zero
    calls = ((2, None, 0), (3, 2, 0), ((3, 2), None, 0), ((2, 3), (1, 2), 0), (3, 2, 1),
             ((2, 3), 1, (1, 0)), ((4, 3), (3, 2), (2, 1)))
    for images in (X, X.double(), X[:, :1], X - 200, X[:0]):
        for kernel, stride, padding in calls:
            agree(pool2d_full(images, kernel, stride, padding),
                  F.max_pool2d(images, kernel, stride, padding))
            for counts in (True, False):
                agree(pool2d_full(images, kernel, stride, padding, "avg", counts),
                      F.avg_pool2d(images, kernel, stride, padding, count_include_pad=counts))
    agree(pool2d_full(X, 2), F.max_pool2d(X, 2))
    agree(pool2d_full(X, 3, 2, 1, "avg"), F.avg_pool2d(X, 3, 2, 1))
    agree(pool2d_full(X.long(), 3, 2, 1), F.max_pool2d(X, 3, 2, 1).long())
    assert pool2d_full(X.to("meta"), 2).device.type == "meta"
    for impossible in ((X, (8, 2)), (X, (2, 9), None, (1, 1)), (X, 2, None, 0, "median"),
                       (X, 2, None, -1), (X, 2, 0), (X[0, 0], 2)):
        try:
            pool2d_full(*impossible)
        except ValueError:
            continue
        raise AssertionError(f"answered for {impossible[1:]}")


def agree(actual, expected):
    """The same numbers but for rounding, in the same shape and dtype."""
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-4)
