"""Right implementations of conv2d_fft that are unlike the model solution.

All must get all points. Those marked ``at_least`` are the textbook's own: they forget a dtype or
accept a kernel that does not fit, and must keep most of the points.
"""

import math

import numpy as np
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


def prepared(X, W, padding):
    same_channels(X, W)
    X, *_, size = laid_out(X, W.shape[2:], 1, padding)
    return X, size


@right("kernel-flipped-first")
def conv2d_fft(X, W, b=None, padding=0):
    X, (height, width) = prepared(X, W, padding)
    kh, kw = W.shape[2:]
    spectrum = torch.fft.rfft2(W.flip(2, 3), s=X.shape[2:])
    product = (torch.fft.rfft2(X)[:, None] * spectrum).sum(2)
    Y = torch.fft.irfft2(product, s=X.shape[2:])
    return with_bias(Y[:, :, kh - 1 : kh - 1 + height, kw - 1 : kw - 1 + width], b)


@right("complex-transforms")
def conv2d_fft(X, W, b=None, padding=0):
    X, (height, width) = prepared(X, W, padding)
    padded = F.pad(W, (0, X.shape[3] - W.shape[3], 0, X.shape[2] - W.shape[2]))
    product = torch.einsum("nchw,ochw->nohw", torch.fft.fft2(X), torch.fft.fft2(padded).conj())
    return with_bias(torch.fft.ifft2(product).real[:, :, :height, :width], b)


@right("power-of-two-sizes")
def conv2d_fft(X, W, b=None, padding=0):
    X, (height, width) = prepared(X, W, padding)
    size = [2 ** math.ceil(math.log2(n + k - 1))
            for n, k in zip(X.shape[2:], W.shape[2:], strict=True)]
    product = torch.einsum("nchw,ochw->nohw", torch.fft.rfft2(X, s=size),
                           torch.fft.rfft2(W, s=size).conj())
    return with_bias(torch.fft.irfft2(product, s=size)[:, :, :height, :width], b)


@right("fourier-matrices")
def conv2d_fft(X, W, b=None, padding=0):
    X, (height, width) = prepared(X, W, padding)

    def matrix(n):
        k = torch.arange(n, device=X.device, dtype=X.dtype)
        angle = -2 * math.pi / n * torch.outer(k, k).remainder(n)
        return torch.complex(angle.cos(), angle.sin())

    rows, columns = matrix(X.shape[2]), matrix(X.shape[3])
    image = rows @ X.to(rows.dtype) @ columns
    kernel = rows[:, : W.shape[2]] @ W.to(rows.dtype) @ columns[: W.shape[3]]
    product = torch.einsum("nchw,ochw->nohw", image, kernel.conj())
    Y = (rows.conj() @ product @ columns.conj()).real / (X.shape[2] * X.shape[3])
    return with_bias(Y[:, :, :height, :width], b)


@right("one-axis-after-the-other")
def conv2d_fft(X, W, b=None, padding=0):
    X, (height, width) = prepared(X, W, padding)
    H, full = X.shape[2:]
    image = torch.fft.fft(torch.fft.rfft(X, dim=3), dim=2)
    kernel = torch.fft.fft(torch.fft.rfft(W, n=full, dim=3), n=H, dim=2)
    product = torch.einsum("nchw,ochw->nohw", image, kernel.conj())
    Y = torch.fft.irfft(torch.fft.ifft(product, dim=2), n=full, dim=3)
    return with_bias(Y[:, :, :height, :width], b)


@right("channel-pairs-in-turn")
def conv2d_fft(X, W, b=None, padding=0):
    X, (height, width) = prepared(X, W, padding)
    images = [torch.fft.rfft2(X[:, c]) for c in range(X.shape[1])]
    maps = []
    for kernel in W:
        total = 0
        for image, plane in zip(images, kernel, strict=True):
            total = total + image * torch.fft.rfft2(plane, s=X.shape[2:]).conj()
        maps.append(torch.fft.irfft2(total, s=X.shape[2:])[:, :height, :width])
    return with_bias(torch.stack(maps, 1), b)


@right("textbook-numpy-fft", at_least=0.75)
def conv2d_fft(X, W, b=None, padding=0):
    ph, pw = two(padding)
    x = np.pad(X.numpy(), ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    w = W.numpy()
    size = x.shape[2:]
    image, kernel = np.fft.rfft2(x), np.fft.rfft2(w, size)
    y = np.fft.irfft2(np.einsum("nchw,ochw->nohw", image, kernel.conj()), size)
    y = y[:, :, : size[0] - w.shape[2] + 1, : size[1] - w.shape[3] + 1]
    return torch.tensor(y if b is None else y + b.numpy().reshape(1, -1, 1, 1), dtype=X.dtype)
