"""Trusted implementations of the fast_conv assignment, on torch's own operators."""

import torch
import torch.nn.functional as F

from autograder.suite import sums_of_products


def pair(value):
    """(height, width) of a size that may be one int."""
    return (value, value) if isinstance(value, int) else tuple(value)


def refuse_unless(condition, message):
    if not condition:
        raise ValueError(message)


def places(size, kernel, stride, padding, dilation=1):
    """(H', W') of a window's places; ValueError for a window that has none, or makes no sense."""
    kernel, stride, padding, dilation = map(pair, (kernel, stride, padding, dilation))
    refuse_unless(min(*kernel, *stride, *dilation) >= 1, "kernel, stride and dilation start at 1")
    refuse_unless(min(padding) >= 0, "padding is not negative")
    found = tuple(
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(size, kernel, stride, padding, dilation, strict=True)
    )
    refuse_unless(min(found) >= 1, "the kernel is larger than the padded image")
    return found


def refuse_operands(X, W, b=None, groups=1):
    refuse_unless(X.dim() == 4 and W.dim() == 4, "X and W have four dimensions")
    refuse_unless(X.shape[1] == W.shape[1] * groups, "the channels of X and W differ")
    refuse_unless(b is None or b.shape == W.shape[:1], "b has one number for each output channel")


def exactly(function, *tensors):
    """``function`` of the tensors; in double precision, exact below 2**53, for whole numbers."""
    dtype = tensors[0].dtype
    if dtype.is_floating_point:
        return function(*tensors)
    return function(*(None if t is None else t.double() for t in tensors)).round().to(dtype)


@sums_of_products
def im2col(X, kernel, stride=1, padding=0):
    """X (N, C, H, W) -> (N, C·kh·kw, L): every window as a column."""
    refuse_unless(X.dim() == 4, "X has four dimensions")
    places(X.shape[2:], kernel, stride, padding)
    return exactly(lambda x: F.unfold(x, kernel, padding=padding, stride=stride), X)


@sums_of_products
def col2im(columns, size, kernel, stride=1, padding=0):
    """Columns (N, C·kh·kw, L) -> (N, C, H, W): every window added back where it came from."""
    refuse_unless(columns.dim() == 3, "columns have three dimensions")
    height, width = places(pair(size), kernel, stride, padding)
    kh, kw = pair(kernel)
    refuse_unless(columns.shape[1] % (kh * kw) == 0, "the rows are no multiple of kh·kw")
    refuse_unless(columns.shape[2] == height * width, "there is not one column for every window")
    return exactly(
        lambda c: F.fold(c, pair(size), kernel, padding=padding, stride=stride), columns
    )


@sums_of_products
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    """X (N, C, H, W), W (C_out, C, kh, kw), b (C_out,) -> (N, C_out, H', W')."""
    refuse_operands(X, W, b)
    places(X.shape[2:], W.shape[2:], stride, padding)
    return exactly(lambda x, w, u: F.conv2d(x, w, u, stride, padding), X, W, b)


@sums_of_products
def conv2d_backward(grad, X, W, stride=1, padding=0):
    """(dX, dW, db) for the gradient (N, C_out, H', W') that arrives at the output."""
    refuse_operands(X, W)
    size = places(X.shape[2:], W.shape[2:], stride, padding)
    refuse_unless(grad.shape == (X.shape[0], W.shape[0], *size), "grad has not the output's shape")
    return (
        torch.nn.grad.conv2d_input(X.shape, W, grad, stride, padding),
        torch.nn.grad.conv2d_weight(X, W.shape, grad, stride, padding),
        grad.sum((0, 2, 3)),
    )


def maxpool_backward(grad, X, kernel, stride=None):
    """dX (N, C, H, W): each window's gradient goes to its first largest pixel.

    Not marked as sums of products: suites send whole numbers wherever gradients add up.
    """
    stride = kernel if stride is None else stride
    refuse_unless(X.dim() == 4, "X has four dimensions")
    size = places(X.shape[2:], kernel, stride, 0)
    refuse_unless(grad.shape == (*X.shape[:2], *size), "grad has not the output's shape")
    _, first = F.max_pool2d(X, kernel, stride, return_indices=True)
    return torch.zeros_like(X, memory_format=torch.contiguous_format).flatten(2).scatter_add(
        2, first.flatten(2), grad.flatten(2)
    ).reshape(X.shape)


@sums_of_products
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    """conv2d whose kernel's neighbouring weights meet pixels ``dilation`` apart."""
    refuse_operands(X, W, b)
    places(X.shape[2:], W.shape[2:], stride, padding, dilation)
    return exactly(lambda x, w, u: F.conv2d(x, w, u, stride, padding, dilation), X, W, b)


@sums_of_products
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    """conv2d in ``groups`` that do not see each other; W (C_out, C / groups, kh, kw)."""
    refuse_unless(groups >= 1, "groups start at 1")
    refuse_operands(X, W, b, groups)
    refuse_unless(W.shape[0] % groups == 0, "groups do not divide the output channels")
    places(X.shape[2:], W.shape[2:], stride, padding)
    return exactly(lambda x, w, u: F.conv2d(x, w, u, stride, padding, 1, groups), X, W, b)


@sums_of_products
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    """X (N, C_in, H, W), W (C_in, C_out, kh, kw) -> (N, C_out, (H-1)·s - 2p + kh, …)."""
    refuse_unless(X.dim() == 4 and W.dim() == 4, "X and W have four dimensions")
    refuse_unless(X.shape[1] == W.shape[0], "the channels of X and W differ")
    refuse_unless(b is None or b.shape == W.shape[1:2], "b has one number per output channel")
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    refuse_unless(min(sh, sw) >= 1 and min(ph, pw) >= 0, "stride starts at 1, padding at 0")
    height = (X.shape[2] - 1) * sh - 2 * ph + W.shape[2]
    width = (X.shape[3] - 1) * sw - 2 * pw + W.shape[3]
    refuse_unless(min(height, width) >= 1, "the padding crops everything")
    return exactly(lambda x, w, u: F.conv_transpose2d(x, w, u, stride, padding), X, W, b)


@sums_of_products
def conv2d_fft(X, W, b=None, padding=0):
    """conv2d with stride 1, for floating-point numbers."""
    return conv2d_fast(X, W, b, 1, padding)


@sums_of_products
def conv2d_winograd(X, W, b=None, padding=0):
    """conv2d with stride 1 and 3×3 kernels, for floating-point numbers."""
    refuse_unless(W.dim() == 4 and W.shape[2:] == (3, 3), "kernels are 3×3")
    return conv2d_fast(X, W, b, 1, padding)
