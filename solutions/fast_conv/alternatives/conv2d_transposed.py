"""Right implementations of conv2d_transposed that are unlike the model solution.

All must get all points. Those marked ``at_least`` are the textbook's own: they forget a dtype or
accept a kernel that does not fit, and must keep most of the points.
"""

import torch
import torch.nn.functional as F

from autograder.suite import Alternatives

right = Alternatives(__file__)


def two(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def laid_out(X, kernel, stride=1, padding=0, dilation=1):
    """Padded X, and (kh, kw), (sh, sw), (dh, dw), (H', W'); refuses what has no place."""
    kernel, stride, padding, dilation = two(kernel), two(stride), two(padding), two(dilation)
    if X.dim() != 4 or min(*kernel, *stride, *dilation) < 1 or min(padding) < 0:
        raise ValueError("not (N, C, H, W), or a window that makes no sense")
    X = F.pad(X, (padding[1], padding[1], padding[0], padding[0]))
    size = tuple((n - d * (k - 1) - 1) // s + 1
                 for n, k, s, d in zip(X.shape[2:], kernel, stride, dilation, strict=True))
    if min(size) < 1:
        raise ValueError("the window does not fit")
    return X, kernel, stride, dilation, size


def same_channels(X, W):
    if X.dim() != 4 or W.dim() != 4 or X.shape[1] != W.shape[1]:
        raise ValueError("channels differ")


def with_bias(Y, b):
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


def tap(X, a, c, stride, dilation, size):
    """The pixels that weight (a, c) meets, one for every place: (N, C, H', W')."""
    top, left = a * dilation[0], c * dilation[1]
    return X[:, :, top : top + (size[0] - 1) * stride[0] + 1 : stride[0],
             left : left + (size[1] - 1) * stride[1] + 1 : stride[1]]


def rows_and_columns(kernel, stride, dilation, size, device):
    """Row and column of every pixel of every window, broadcastable to (kh, kw, H', W')."""
    def along(k, s, d, n):
        return (torch.arange(k, device=device)[:, None] * d
                + torch.arange(n, device=device) * s)
    rows = along(kernel[0], stride[0], dilation[0], size[0])
    columns = along(kernel[1], stride[1], dilation[1], size[1])
    return rows[:, None, :, None], columns[None, :, None, :]


def correlated(X, W, b=None, stride=1, padding=0, dilation=1):
    """One right convolution, for the alternatives that build on any."""
    same_channels(X, W)
    X, (kh, kw), stride, dilation, size = laid_out(X, W.shape[2:], stride, padding, dilation)
    Y = sum(torch.einsum("nchw,oc->nohw", tap(X, a, c, stride, dilation, size), W[:, :, a, c])
            for a in range(kh) for c in range(kw))
    return with_bias(Y, b)


def stamped(X, W, stride, padding):
    """(sh, sw), (ph, pw) and the size of the answer before it is cropped."""
    (sh, sw), (ph, pw) = two(stride), two(padding)
    if X.dim() != 4 or W.dim() != 4 or X.shape[1] != len(W) or min(sh, sw) < 1 or min(ph, pw) < 0:
        raise ValueError("channels, stride or padding")
    size = (X.shape[2] - 1) * sh + W.shape[2], (X.shape[3] - 1) * sw + W.shape[3]
    if size[0] <= 2 * ph or size[1] <= 2 * pw:
        raise ValueError("the padding crops everything")
    return (sh, sw), (ph, pw), size


def cropped(Y, padding, b):
    ph, pw = padding
    return with_bias(Y[:, :, ph : Y.shape[2] - ph, pw : Y.shape[3] - pw], b)


@right("stamp-by-stamp")
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    (sh, sw), padding, size = stamped(X, W, stride, padding)
    Y = X.new_zeros(len(X), W.shape[1], *size)
    for i in range(X.shape[2]):
        for j in range(X.shape[3]):
            Y[:, :, i * sh : i * sh + W.shape[2], j * sw : j * sw + W.shape[3]] += \
                torch.tensordot(X[:, :, i, j], W, 1)
    return cropped(Y, padding, b)


@right("weight-by-weight")
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    stride, padding, size = stamped(X, W, stride, padding)
    Y = X.new_zeros(len(X), W.shape[1], *size)
    for a in range(W.shape[2]):
        for c in range(W.shape[3]):
            tap(Y, a, c, stride, (1, 1), X.shape[2:]).add_(
                torch.einsum("nchw,co->nohw", X, W[:, :, a, c]))
    return cropped(Y, padding, b)


@right("zeros-between-pixels")
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    (sh, sw), padding, (height, width) = stamped(X, W, stride, padding)
    kh, kw = W.shape[2:]
    spread = X.new_zeros(*X.shape[:2], height - kh + 1, width - kw + 1)
    spread[:, :, ::sh, ::sw] = X
    Y = correlated(spread, W.flip(2, 3).transpose(0, 1), None, 1, (kh - 1, kw - 1))
    return cropped(Y, padding, b)


@right("f-fold")
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    stride, padding, size = stamped(X, W, stride, padding)
    kind = X.dtype if X.is_floating_point() else torch.float64
    columns = W.to(kind).flatten(1).T @ X.to(kind).flatten(2)
    return cropped(F.fold(columns, size, W.shape[2:], stride=stride).to(X.dtype), padding, b)


@right("stamps-by-fft")
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    (sh, sw), padding, size = stamped(X, W, stride, padding)
    if not len(X):
        return cropped(X.new_zeros(0, W.shape[1], *size), padding, b)
    kind = X.dtype if X.is_floating_point() else torch.float64
    spread = torch.zeros(*X.shape[:2], *size, dtype=kind, device=X.device)
    spread[:, :, : sh * X.shape[2] : sh, : sw * X.shape[3] : sw] = X
    spectrum = torch.einsum("nchw,cohw->nohw", torch.fft.rfft2(spread),
                            torch.fft.rfft2(W.to(kind), s=size))
    Y = torch.fft.irfft2(spectrum, s=size)
    return cropped(Y if kind is X.dtype else Y.round().to(X.dtype), padding, b)


@right("transposed-dense-matrix")
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    stride, padding, size = stamped(X, W, stride, padding)
    rows, columns = rows_and_columns(W.shape[2:], stride, (1, 1), X.shape[2:], X.device)
    pixels = torch.arange(size[0] * size[1], device=X.device)
    falls = (pixels[:, None, None, None] == (rows * size[1] + columns).flatten(2)).to(X.dtype)
    Y = torch.einsum("ncl,coab,pabl->nop", X.flatten(2), W, falls)
    return cropped(Y.unflatten(2, size), padding, b)


@right("gradient-of-a-convolution")
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    stride, padding, size = stamped(X, W, stride, padding)
    kind = X.dtype if X.is_floating_point() else torch.float64
    with torch.enable_grad():
        x = torch.zeros(len(X), W.shape[1], *size, dtype=kind, device=X.device, requires_grad=True)
        forward = correlated(x, W.to(kind), None, stride)
        (Y,) = torch.autograd.grad(forward, x, X.to(kind), create_graph=X.requires_grad)
    return cropped(Y.to(X.dtype), padding, b)


@right("textbook-loops-transposed", at_least=0.75)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    (sh, sw), (ph, pw), (kh, kw) = two(stride), two(padding), W.shape[2:]
    N, C, H, width = X.shape
    Y = torch.zeros((N, W.shape[1], (H - 1) * sh + kh, (width - 1) * sw + kw))
    for n in range(N):
        for c in range(C):
            for i in range(H):
                for j in range(width):
                    Y[n, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += X[n, c, i, j] * W[c]
    Y = Y[:, :, ph : Y.shape[2] - ph, pw : Y.shape[3] - pw]
    return Y if b is None else Y + b.view(1, -1, 1, 1)
