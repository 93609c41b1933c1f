"""Right implementations of conv2d_dilated that are unlike the model solution.

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


@right("dilated-taps")
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    return correlated(X, W, b, stride, padding, dilation)


@right("spread-kernel")
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    dh, dw = two(dilation)
    if min(dh, dw) < 1:
        raise ValueError("dilation starts at 1")
    kh, kw = W.shape[2:]
    spread = W.new_zeros(*W.shape[:2], dh * (kh - 1) + 1, dw * (kw - 1) + 1)
    spread[:, :, ::dh, ::dw] = W
    return correlated(X, spread, b, stride, padding)


@right("dilated-windows-as-strided")
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    same_channels(X, W)
    X, (kh, kw), (sh, sw), (dh, dw), (height, width) = laid_out(
        X, W.shape[2:], stride, padding, dilation)
    X = X.contiguous()
    n, c, h, w = X.stride()
    windows = X.as_strided((*X.shape[:2], height, width, kh, kw),
                           (n, c, sh * h, sw * w, dh * h, dw * w))
    return with_bias(torch.einsum("ncijab,ocab->noij", windows, W), b)


@right("f-unfold-dilated")
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    same_channels(X, W)
    *_, size = laid_out(X, W.shape[2:], stride, padding, dilation)
    kind = X.dtype if X.is_floating_point() else torch.float64
    columns = F.unfold(X.to(kind), W.shape[2:], dilation, padding, stride)
    return with_bias((W.to(kind).flatten(1) @ columns).to(X.dtype).unflatten(2, size), b)


@right("pixels-indexed-dilated")
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    same_channels(X, W)
    X, kernel, stride, dilation, size = laid_out(X, W.shape[2:], stride, padding, dilation)
    rows, columns = rows_and_columns(kernel, stride, dilation, size, X.device)
    windows = X[:, :, rows, columns]  # (N, C, kh, kw, H', W')
    return with_bias(torch.tensordot(W, windows, ([1, 2, 3], [1, 2, 3])).transpose(0, 1), b)


@right("dilated-kernel-by-fft")
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    same_channels(X, W)
    X, _, (sh, sw), (dh, dw), (height, width) = laid_out(
        X, W.shape[2:], stride, padding, dilation)
    if not len(X):
        return with_bias(X.new_zeros(0, len(W), height, width), b)
    kind = X.dtype if X.is_floating_point() else torch.float64
    spread = torch.zeros(*W.shape[:2], *X.shape[2:], dtype=kind, device=X.device)
    spread[:, :, : dh * W.shape[2] : dh, : dw * W.shape[3] : dw] = W
    spectrum = torch.einsum("nchw,ochw->nohw", torch.fft.fft2(X.to(kind)),
                            torch.fft.fft2(spread).conj())
    Y = torch.fft.ifft2(spectrum).real[:, :, ::sh, ::sw][:, :, :height, :width]
    return with_bias(Y if kind is X.dtype else Y.round().to(X.dtype), b)


@right("textbook-loops-dilated", at_least=0.75)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    (sh, sw), (ph, pw), (dh, dw) = two(stride), two(padding), two(dilation)
    X = F.pad(X, (pw, pw, ph, ph))
    span_h, span_w = dh * (W.shape[2] - 1) + 1, dw * (W.shape[3] - 1) + 1
    Y = torch.zeros((X.shape[0], W.shape[0], (X.shape[2] - span_h) // sh + 1,
                     (X.shape[3] - span_w) // sw + 1))
    for n in range(Y.shape[0]):
        for o in range(Y.shape[1]):
            for i in range(Y.shape[2]):
                for j in range(Y.shape[3]):
                    top, left = i * sh, j * sw
                    window = X[n, :, top : top + span_h : dh, left : left + span_w : dw]
                    Y[n, o, i, j] = (window * W[o]).sum() + (0 if b is None else b[o])
    return Y
