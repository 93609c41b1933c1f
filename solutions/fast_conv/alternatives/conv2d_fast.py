"""Right implementations of conv2d_fast that are unlike the model solution.

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


@right("sum-of-taps")
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return correlated(X, W, b, stride, padding)


@right("f-unfold")
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    same_channels(X, W)
    *_, (height, width) = laid_out(X, W.shape[2:], stride, padding)
    kind = X.dtype if X.is_floating_point() else torch.float64
    columns = F.unfold(X.to(kind), W.shape[2:], padding=padding, stride=stride)
    Y = (W.to(kind).flatten(1) @ columns).to(X.dtype)
    return with_bias(Y.reshape(len(X), len(W), height, width), b)


@right("as-strided-einsum")
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    same_channels(X, W)
    X, (kh, kw), (sh, sw), _, (height, width) = laid_out(X, W.shape[2:], stride, padding)
    X = X.contiguous()
    n, c, h, w = X.stride()
    windows = X.as_strided((*X.shape[:2], height, width, kh, kw), (n, c, sh * h, sw * w, h, w))
    return with_bias(torch.einsum("ncijab,ocab->noij", windows, W), b)


@right("tensordot")
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    same_channels(X, W)
    X, (kh, kw), (sh, sw), _, _ = laid_out(X, W.shape[2:], stride, padding)
    windows = X.unfold(2, kh, sh).unfold(3, kw, sw)
    return with_bias(torch.tensordot(windows, W, ([1, 4, 5], [1, 2, 3])).permute(0, 3, 1, 2), b)


@right("broadcast-product")
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    same_channels(X, W)
    X, (kh, kw), (sh, sw), _, _ = laid_out(X, W.shape[2:], stride, padding)
    windows = X.unfold(2, kh, sh).unfold(3, kw, sw)[:, None]
    return with_bias((windows * W[None, :, :, None, None]).sum((2, 5, 6)), b)


@right("by-fft")
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    same_channels(X, W)
    X, _, (sh, sw), _, (height, width) = laid_out(X, W.shape[2:], stride, padding)
    if not len(X):
        return with_bias(X.new_zeros(0, len(W), height, width), b)
    kind = X.dtype if X.is_floating_point() else torch.float64
    size = X.shape[2:]
    spectrum = torch.einsum("nchw,ochw->nohw", torch.fft.rfft2(X.to(kind)),
                            torch.fft.rfft2(W.to(kind), s=size).conj())
    Y = torch.fft.irfft2(spectrum, s=size)[:, :, : sh * height : sh, : sw * width : sw]
    Y = Y[:, :, :height, :width]
    return with_bias(Y if kind is X.dtype else Y.round().to(X.dtype), b)


@right("dense-matrix")
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    same_channels(X, W)
    X, (kh, kw), stride, dilation, size = laid_out(X, W.shape[2:], stride, padding)
    rows, columns = rows_and_columns((kh, kw), stride, dilation, size, X.device)
    meets = (rows * X.shape[3] + columns).flatten(2)  # (kh, kw, L)
    pixels = torch.arange(X.shape[2] * X.shape[3], device=X.device)
    matrix = torch.einsum("ocab,pabl->cpol", W,
                          (pixels[:, None, None, None] == meets).to(X.dtype))
    Y = torch.einsum("ncp,cpol->nol", X.flatten(2), matrix)
    return with_bias(Y.unflatten(2, size), b)


@right("channel-by-channel")
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    same_channels(X, W)
    maps = []
    for kernel in W:
        maps.append(correlated(X, kernel[None], None, stride, padding)[:, 0])
    return with_bias(torch.stack(maps, dim=1), b)


@right("channels-halved")
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    def of(X, W):
        if X.shape[1] > 1:
            half = X.shape[1] // 2
            return of(X[:, :half], W[:, :half]) + of(X[:, half:], W[:, half:])
        return correlated(X, W, None, stride, padding)

    same_channels(X, W)
    return with_bias(of(X, W), b)


@right("textbook-taps-of-conv", at_least=0.75)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    N, _, H, width = X.shape
    C_out, _, kh, kw = W.shape
    (sh, sw), (ph, pw) = two(stride), two(padding)
    X = F.pad(X, (pw, pw, ph, ph))
    out_h, out_w = (H + 2 * ph - kh) // sh + 1, (width + 2 * pw - kw) // sw + 1
    Y = torch.zeros((N, C_out, out_h, out_w))
    for a in range(kh):
        for c in range(kw):
            patch = X[:, :, a : a + sh * out_h : sh, c : c + sw * out_w : sw]
            Y += torch.einsum("nchw,oc->nohw", patch, W[:, :, a, c])
    return Y if b is None else Y + b.view(1, -1, 1, 1)
