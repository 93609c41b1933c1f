"""Right implementations of im2col that are unlike the model solution.

All must get all points. Those marked ``at_least`` are the textbook's own: they forget a dtype or
accept a kernel that does not fit, and must keep most of the points.
"""

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


@right("taps-stacked")
def im2col(X, kernel, stride=1, padding=0):
    X, (kh, kw), stride, dilation, size = laid_out(X, kernel, stride, padding)
    taps = [tap(X, a, c, stride, dilation, size) for a in range(kh) for c in range(kw)]
    return torch.stack(taps, dim=2).reshape(len(X), X.shape[1] * kh * kw, size[0] * size[1])


@right("windows-as-strided")
def im2col(X, kernel, stride=1, padding=0):
    X, (kh, kw), (sh, sw), _, (height, width) = laid_out(X, kernel, stride, padding)
    X = X.contiguous()
    N, C = X.shape[:2]
    n, c, h, w = X.stride()
    windows = X.as_strided((N, C, kh, kw, height, width), (n, c, h, w, sh * h, sw * w))
    return windows.reshape(N, C * kh * kw, height * width)


@right("pixels-indexed")
def im2col(X, kernel, stride=1, padding=0):
    X, (kh, kw), stride, dilation, size = laid_out(X, kernel, stride, padding)
    rows, columns = rows_and_columns((kh, kw), stride, dilation, size, X.device)
    return X[:, :, rows, columns].reshape(len(X), X.shape[1] * kh * kw, size[0] * size[1])


@right("flat-gather")
def im2col(X, kernel, stride=1, padding=0):
    X, (kh, kw), stride, dilation, size = laid_out(X, kernel, stride, padding)
    rows, columns = rows_and_columns((kh, kw), stride, dilation, size, X.device)
    flat = (rows * X.shape[3] + columns).reshape(-1)
    picked = X.flatten(2).gather(2, flat.expand(*X.shape[:2], -1))
    return picked.reshape(len(X), X.shape[1] * kh * kw, size[0] * size[1])


@right("rows-then-columns")
def im2col(X, kernel, stride=1, padding=0):
    X, (kh, kw), (sh, sw), _, (height, width) = laid_out(X, kernel, stride, padding)
    tall = torch.stack([X[:, :, a : a + sh * height : sh] for a in range(kh)], 2)
    both = torch.stack([tall[..., c : c + sw * width : sw] for c in range(kw)], 3)
    return both.reshape(len(X), X.shape[1] * kh * kw, height * width)


@right("selection-matrix")
def im2col(X, kernel, stride=1, padding=0):
    X, (kh, kw), stride, dilation, size = laid_out(X, kernel, stride, padding)
    rows, columns = rows_and_columns((kh, kw), stride, dilation, size, X.device)
    flat = (rows * X.shape[3] + columns).reshape(-1)
    pixels = torch.arange(X.shape[2] * X.shape[3], device=X.device)
    chosen = (pixels[:, None] == flat).to(X.dtype)
    return (X.flatten(2) @ chosen).reshape(len(X), X.shape[1] * kh * kw, size[0] * size[1])


@right("windows-class")
def im2col(X, kernel, stride=1, padding=0):
    class Windows:
        def __init__(self):
            self.X, (self.kh, self.kw), (sh, sw), _, _ = laid_out(X, kernel, stride, padding)
            self.windows = self.X.unfold(2, self.kh, sh).unfold(3, self.kw, sw)

        def __iter__(self):
            for channel in range(self.X.shape[1]):
                for a in range(self.kh):
                    for c in range(self.kw):
                        yield self.windows[:, channel, :, :, a, c].flatten(1)

    return torch.stack(list(Windows()), dim=1)


@right("numpy-windows", at_least=0.75)
def im2col(X, kernel, stride=1, padding=0):
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    padded = np.pad(X.numpy(), ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(2, 3))
    windows = windows[:, :, ::sh, ::sw].transpose(0, 1, 4, 5, 2, 3)
    N, C, _, _, height, width = windows.shape
    return torch.from_numpy(windows.reshape(N, C * kh * kw, height * width).copy())


@right("textbook-taps", at_least=0.75)
def im2col(X, kernel, stride=1, padding=0):
    N, C, H, W = X.shape
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    height, width = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    image = torch.zeros(N, C, H + 2 * ph, W + 2 * pw)
    image[:, :, ph : ph + H, pw : pw + W] = X
    columns = torch.zeros((N, C, kh, kw, height, width))
    for a in range(kh):
        for c in range(kw):
            columns[:, :, a, c] = image[:, :, a : a + sh * height : sh, c : c + sw * width : sw]
    return columns.reshape(N, C * kh * kw, -1) if N else columns.reshape(0, C * kh * kw,
                                                                          height * width)
