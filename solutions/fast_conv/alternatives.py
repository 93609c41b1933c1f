"""Right implementations of the fast_conv assignment that are unlike the model solution.

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


# ---------------------------------------------------------------- im2col


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


# ---------------------------------------------------------------- conv2d_fast


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


# ---------------------------------------------------------------- col2im


def folded(columns, size, kernel, stride, padding):
    """(N, C, kh, kw, H', W') columns, and the shape of the padded image; refuses misfits."""
    (H, W), kernel, stride, (ph, pw) = two(size), two(kernel), two(stride), two(padding)
    places = [(n - k) // s + 1 for n, k, s in zip((H + 2 * ph, W + 2 * pw), kernel, stride,
                                                 strict=True)]
    if min(places) < 1 or columns.shape[2] != places[0] * places[1] \
            or columns.shape[1] % (kernel[0] * kernel[1]):
        raise ValueError("the columns do not fit")
    C = columns.shape[1] // (kernel[0] * kernel[1])
    return columns.reshape(len(columns), C, *kernel, *places), (H + 2 * ph, W + 2 * pw)


@right("windows-added-one-by-one")
def col2im(columns, size, kernel, stride=1, padding=0):
    columns, padded = folded(columns, size, kernel, stride, padding)
    (H, W), (sh, sw), (ph, pw) = two(size), two(stride), two(padding)
    N, C, kh, kw, height, width = columns.shape
    image = columns.new_zeros(N, C, *padded)
    for i in range(height):
        for j in range(width):
            image[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += columns[..., i, j]
    return image[:, :, ph : ph + H, pw : pw + W]


@right("index-add")
def col2im(columns, size, kernel, stride=1, padding=0):
    columns, padded = folded(columns, size, kernel, stride, padding)
    (H, W), stride, (ph, pw) = two(size), two(stride), two(padding)
    N, C, kh, kw, height, width = columns.shape
    rows, cols = rows_and_columns((kh, kw), stride, (1, 1), (height, width), columns.device)
    image = columns.new_zeros(N, C, padded[0] * padded[1])
    image = image.index_add(2, (rows * padded[1] + cols).reshape(-1), columns.flatten(2))
    return image.unflatten(2, padded)[:, :, ph : ph + H, pw : pw + W]


@right("scatter-add")
def col2im(columns, size, kernel, stride=1, padding=0):
    columns, padded = folded(columns, size, kernel, stride, padding)
    (H, W), stride, (ph, pw) = two(size), two(stride), two(padding)
    N, C, kh, kw, height, width = columns.shape
    rows, cols = rows_and_columns((kh, kw), stride, (1, 1), (height, width), columns.device)
    flat = (rows * padded[1] + cols).reshape(-1).expand(N, C, -1)
    image = columns.new_zeros(N, C, padded[0] * padded[1]).scatter_add(2, flat, columns.flatten(2))
    return image.unflatten(2, padded)[:, :, ph : ph + H, pw : pw + W]


@right("index-put-accumulated")
def col2im(columns, size, kernel, stride=1, padding=0):
    columns, padded = folded(columns, size, kernel, stride, padding)
    (H, W), stride, (ph, pw) = two(size), two(stride), two(padding)
    N, C, kh, kw, height, width = columns.shape
    rows, cols = rows_and_columns((kh, kw), stride, (1, 1), (height, width), columns.device)
    image = columns.new_zeros(*padded, N, C)
    image = image.index_put((rows, cols), columns.permute(2, 3, 4, 5, 0, 1), accumulate=True)
    return image.permute(2, 3, 0, 1)[:, :, ph : ph + H, pw : pw + W]


@right("padded-taps-summed")
def col2im(columns, size, kernel, stride=1, padding=0):
    columns, padded = folded(columns, size, kernel, stride, padding)
    (H, W), (sh, sw), (ph, pw) = two(size), two(stride), two(padding)
    N, C, kh, kw, height, width = columns.shape
    total = 0
    for a in range(kh):
        for c in range(kw):
            # Zeros between the rows and columns, then around them.
            spread = F.pad(columns[:, :, a, c, :, None, :, None], (0, sw - 1, 0, 0, 0, sh - 1))
            spread = spread.reshape(N, C, height * sh, width * sw)
            total = total + F.pad(spread, (c, padded[1] - c - width * sw,
                                           a, padded[0] - a - height * sh))
    return total[:, :, ph : ph + H, pw : pw + W]


@right("transposed-selection-matrix")
def col2im(columns, size, kernel, stride=1, padding=0):
    columns, padded = folded(columns, size, kernel, stride, padding)
    (H, W), stride, (ph, pw) = two(size), two(stride), two(padding)
    _, _, kh, kw, height, width = columns.shape
    rows, cols = rows_and_columns((kh, kw), stride, (1, 1), (height, width), columns.device)
    pixels = torch.arange(padded[0] * padded[1], device=columns.device)
    belongs = ((rows * padded[1] + cols).reshape(-1)[:, None] == pixels).to(columns.dtype)
    image = (columns.flatten(2) @ belongs).unflatten(2, padded)
    return image[:, :, ph : ph + H, pw : pw + W]


@right("adjoint-by-autograd")
def col2im(columns, size, kernel, stride=1, padding=0):
    kind = columns.dtype if columns.is_floating_point() else torch.float64
    windows, _ = folded(columns.to(kind), size, kernel, stride, padding)
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    with torch.enable_grad():
        x = torch.zeros(*windows.shape[:2], *two(size), dtype=kind, device=columns.device,
                        requires_grad=True)
        seen = F.pad(x, (pw, pw, ph, ph)).unfold(2, kh, sh).unfold(3, kw, sw)
        (image,) = torch.autograd.grad(seen, x, windows.permute(0, 1, 4, 5, 2, 3),
                                       create_graph=columns.requires_grad)
    return image.to(columns.dtype)


@right("textbook-columns", at_least=0.75)
def col2im(columns, size, kernel, stride=1, padding=0):
    (H, W), (kh, kw), (sh, sw), (ph, pw) = two(size), two(kernel), two(stride), two(padding)
    N, C = columns.shape[0], columns.shape[1] // (kh * kw)
    out_h, out_w = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    columns = columns.reshape(N, C, kh, kw, out_h, out_w)
    image = torch.zeros((N, C, H + 2 * ph + sh - 1, W + 2 * pw + sw - 1))
    for a in range(kh):
        for c in range(kw):
            image[:, :, a : a + sh * out_h : sh, c : c + sw * out_w : sw] += columns[:, :, a, c]
    return image[:, :, ph : H + ph, pw : W + pw]


# ---------------------------------------------------------------- conv2d_backward


def fits(grad, X, W, stride, padding):
    same_channels(X, W)
    *_, size = laid_out(X, W.shape[2:], stride, padding)
    if grad.shape != (len(X), len(W), *size):
        raise ValueError("grad has another shape than the output")
    return size


@right("unfold-and-fold")
def conv2d_backward(grad, X, W, stride=1, padding=0):
    fits(grad, X, W, stride, padding)
    options = {"kernel_size": W.shape[2:], "stride": stride, "padding": padding}
    columns, G = F.unfold(X, **options), grad.flatten(2)
    dW = torch.einsum("nol,nkl->ok", G, columns).reshape(W.shape)
    dX = F.fold(W.flatten(1).T @ G, X.shape[2:], **options)
    return dX, dW, grad.sum((0, 2, 3))


@right("taps-of-the-gradient")
def conv2d_backward(grad, X, W, stride=1, padding=0):
    fits(grad, X, W, stride, padding)
    (ph, pw), (H, width) = two(padding), X.shape[2:]
    padded, (kh, kw), stride, dilation, size = laid_out(X, W.shape[2:], stride, padding)
    dX, dW = torch.zeros_like(padded), torch.zeros_like(W)
    for a in range(kh):
        for c in range(kw):
            seen = tap(padded, a, c, stride, dilation, size)
            dW[:, :, a, c] = torch.einsum("nohw,nchw->oc", grad, seen)
            tap(dX, a, c, stride, dilation, size).add_(
                torch.einsum("nohw,oc->nchw", grad, W[:, :, a, c]))
    return dX[:, :, ph : ph + H, pw : pw + width], dW, grad.sum((0, 2, 3))


@right("pixel-by-pixel")
def conv2d_backward(grad, X, W, stride=1, padding=0):
    height, width = fits(grad, X, W, stride, padding)
    (ph, pw) = two(padding)
    padded, (kh, kw), (sh, sw), _, _ = laid_out(X, W.shape[2:], stride, padding)
    dX, dW, db = torch.zeros_like(padded), torch.zeros_like(W), W.new_zeros(len(W))
    for i in range(height):
        for j in range(width):
            here = (..., slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw))
            g = grad[:, :, i, j]
            dX[here] += torch.tensordot(g, W, 1)
            dW += torch.tensordot(g.T, padded[here], 1)
            db += g.sum(0)
    return dX[:, :, ph : ph + X.shape[2], pw : pw + X.shape[3]], dW, db


@right("two-correlations")
def conv2d_backward(grad, X, W, stride=1, padding=0):
    height, width = fits(grad, X, W, stride, padding)
    (ph, pw) = two(padding)
    padded, (kh, kw), (sh, sw), _, _ = laid_out(X, W.shape[2:], stride, padding)
    spread = grad.new_zeros(*grad.shape[:2], (height - 1) * sh + 1, (width - 1) * sw + 1)
    spread[:, :, ::sh, ::sw] = grad
    used = padded[:, :, : spread.shape[2] + kh - 1, : spread.shape[3] + kw - 1]
    dW = correlated(used.transpose(0, 1), spread.transpose(0, 1)).transpose(0, 1) \
        if len(X) else torch.zeros_like(W)
    full = correlated(spread, W.flip(2, 3).transpose(0, 1), None, 1, (kh - 1, kw - 1))
    full = F.pad(full, (0, padded.shape[3] - full.shape[3], 0, padded.shape[2] - full.shape[2]))
    return full[:, :, ph : ph + X.shape[2], pw : pw + X.shape[3]], dW, grad.sum(dim=(0, 2, 3))


@right("gather-and-index-add")
def conv2d_backward(grad, X, W, stride=1, padding=0):
    fits(grad, X, W, stride, padding)
    ph, pw = two(padding)
    padded, kernel, stride, dilation, size = laid_out(X, W.shape[2:], stride, padding)
    rows, columns = rows_and_columns(kernel, stride, dilation, size, X.device)
    flat = (rows * padded.shape[3] + columns).reshape(-1)
    windows = padded.flatten(2)[:, :, flat].unflatten(2, (*kernel, *size))
    dW = torch.einsum("nohw,ncabhw->ocab", grad, windows)
    shares = torch.einsum("nohw,ocab->ncabhw", grad, W).flatten(2)
    dX = torch.zeros_like(padded).flatten(2).index_add(2, flat, shares).unflatten(
        2, padded.shape[2:])
    return dX[:, :, ph : ph + X.shape[2], pw : pw + X.shape[3]], dW, grad.sum((0, 2, 3))


@right("matrix-of-the-convolution")
def conv2d_backward(grad, X, W, stride=1, padding=0):
    fits(grad, X, W, stride, padding)
    ph, pw = two(padding)
    padded, kernel, stride, dilation, size = laid_out(X, W.shape[2:], stride, padding)
    rows, columns = rows_and_columns(kernel, stride, dilation, size, X.device)
    pixels = torch.arange(padded.shape[2] * padded.shape[3], device=X.device)
    meets = (pixels[:, None, None, None] == (rows * padded.shape[3] + columns).flatten(2))
    meets = meets.to(X.dtype)  # (pixels, kh, kw, L): which pixel meets which weight where
    dX = torch.einsum("nol,ocab,pabl->ncp", grad.flatten(2), W, meets).unflatten(
        2, padded.shape[2:])
    dW = torch.einsum("nol,ncp,pabl->ocab", grad.flatten(2), padded.flatten(2), meets)
    return (dX[:, :, ph : ph + X.shape[2], pw : pw + X.shape[3]], dW,
            torch.einsum("nohw->o", grad))


@right("image-by-image")
def conv2d_backward(grad, X, W, stride=1, padding=0):
    fits(grad, X, W, stride, padding)
    dW, db, images = torch.zeros_like(W), grad.new_zeros(len(W)), torch.zeros_like(X)
    for n in range(len(X)):
        columns = F.unfold(X[n : n + 1], W.shape[2:], stride=stride, padding=padding)[0]
        G = grad[n].reshape(len(W), -1)
        dW += (G @ columns.T).reshape(W.shape)
        db += G.sum(1)
        images[n] = F.fold((W.reshape(len(W), -1).T @ G)[None], X.shape[2:], W.shape[2:],
                           stride=stride, padding=padding)[0]
    return images, dW, db


@right("list-of-gradients")
def conv2d_backward(grad, X, W, stride=1, padding=0):
    fits(grad, X, W, stride, padding)
    options = {"kernel_size": W.shape[2:], "stride": stride, "padding": padding}
    G = grad.flatten(2)
    dW = torch.matmul(G, F.unfold(X, **options).mT).sum(0).view_as(W)
    return [F.fold(W.flatten(1).mT.matmul(G), X.shape[2:], **options), dW, G.sum(2).sum(0)]


@right("textbook-loops-of-backward", at_least=0.75)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    (sh, sw), (ph, pw) = two(stride), two(padding)
    N, C, H, width = X.shape
    out, C, kh, kw = W.shape
    padded = torch.zeros((N, C, H + 2 * ph, width + 2 * pw))
    padded[:, :, ph : ph + H, pw : pw + width] = X
    dX, dW, db = torch.zeros(padded.shape), torch.zeros(W.shape), torch.zeros(out)
    for n in range(N):
        for o in range(out):
            for i in range(grad.shape[2]):
                for j in range(grad.shape[3]):
                    g = grad[n, o, i, j]
                    rows, columns = slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw)
                    dX[n, :, rows, columns] += g * W[o]
                    dW[o] += g * padded[n, :, rows, columns]
                    db[o] += g
    return dX[:, :, ph : ph + H, pw : pw + width], dW, db


# ---------------------------------------------------------------- maxpool_backward


def pooling_fits(grad, X, kernel, stride):
    stride = kernel if stride is None else stride
    _, kernel, stride, _, size = laid_out(X, kernel, stride)
    if grad.shape != (*X.shape[:2], *size):
        raise ValueError("grad has another shape than the pooled image")
    return kernel, stride, size


@right("torch-says-where")
def maxpool_backward(grad, X, kernel, stride=None):
    _, stride, _ = pooling_fits(grad, X, kernel, stride)
    _, where = F.max_pool2d(X, kernel, stride, return_indices=True)
    dX = torch.zeros_like(X).flatten(2)
    return dX.scatter_add(2, where.flatten(2), grad.flatten(2)).reshape(X.shape)


@right("window-by-window")
def maxpool_backward(grad, X, kernel, stride=None):
    (kh, kw), (sh, sw), (height, width) = pooling_fits(grad, X, kernel, stride)
    dX = torch.zeros_like(X)
    for n in range(X.shape[0]):
        for c in range(X.shape[1]):
            for i in range(height):
                for j in range(width):
                    window = X[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw]
                    if not X.is_meta:
                        a, e = divmod(int(window.argmax()), kw)
                        dX[n, c, i * sh + a, j * sw + e] += grad[n, c, i, j]
    return dX


@right("running-maximum")
def maxpool_backward(grad, X, kernel, stride=None):
    (kh, kw), stride, size = pooling_fits(grad, X, kernel, stride)
    best = torch.full_like(grad, float("-inf"), dtype=X.dtype)
    place = torch.zeros_like(grad, dtype=torch.int64)
    for a in range(kh):
        for c in range(kw):
            seen = tap(X, a, c, stride, (1, 1), size)
            better = seen > best
            best, place = torch.where(better, seen, best), torch.where(better, a * kw + c, place)
    dX = torch.zeros_like(X)
    for a in range(kh):
        for c in range(kw):
            tap(dX, a, c, stride, (1, 1), size).add_(grad * (place == a * kw + c))
    return dX


@right("first-by-cumsum")
def maxpool_backward(grad, X, kernel, stride=None):
    (kh, kw), (sh, sw), _ = pooling_fits(grad, X, kernel, stride)
    windows = X.unfold(2, kh, sh).unfold(3, kw, sw).flatten(4)
    largest = windows == windows.amax(-1, keepdim=True)
    first = largest & (largest.cumsum(-1) == 1)
    shares = (first * grad[..., None]).to(grad.dtype).permute(0, 1, 4, 2, 3)
    N, C, K, height, width = shares.shape
    return F.fold(shares.reshape(N, C * K, height * width), X.shape[2:], (kh, kw),
                  stride=(sh, sw))


@right("flat-places")
def maxpool_backward(grad, X, kernel, stride=None):
    (kh, kw), (sh, sw), (height, width) = pooling_fits(grad, X, kernel, stride)
    place = X.unfold(2, kh, sh).unfold(3, kw, sw).reshape(*grad.shape, kh * kw).argmax(-1)
    rows = torch.arange(height, device=X.device)[:, None] * sh + place // kw
    columns = torch.arange(width, device=X.device) * sw + place % kw
    images = torch.arange(X.shape[0] * X.shape[1], device=X.device).reshape(*X.shape[:2], 1, 1)
    flat = (images * X.shape[2] + rows) * X.shape[3] + columns
    dX = torch.zeros_like(X, memory_format=torch.contiguous_format).reshape(-1)
    return dX.index_add(0, flat.reshape(-1), grad.reshape(-1)).reshape(X.shape)


@right("one-hot-einsum")
def maxpool_backward(grad, X, kernel, stride=None):
    kernel, stride, size = pooling_fits(grad, X, kernel, stride)
    rows, columns = rows_and_columns(kernel, stride, (1, 1), size, X.device)
    flat = (rows * X.shape[3] + columns).flatten(0, 1)  # (kh·kw, H', W')
    place = X.flatten(2)[:, :, flat].argmax(2, keepdim=True)
    winner = flat.expand(*X.shape[:2], *flat.shape).gather(2, place)[:, :, 0]
    pixels = torch.arange(X.shape[2] * X.shape[3], device=X.device)
    won = (winner[..., None] == pixels).to(X.dtype)
    return torch.einsum("ncij,ncijp->ncp", grad, won).reshape(X.shape)


@right("textbook-loops-of-pooling", at_least=0.75)
def maxpool_backward(grad, X, kernel, stride=None):
    kh, kw = two(kernel)
    sh, sw = (kh, kw) if stride is None else two(stride)
    dX = torch.zeros(X.shape)
    for n in range(grad.shape[0]):
        for c in range(grad.shape[1]):
            for i in range(grad.shape[2]):
                for j in range(grad.shape[3]):
                    best, row, column = -float("inf"), 0, 0
                    for a in range(kh):
                        for e in range(kw):
                            value = X[n, c, i * sh + a, j * sw + e].item()
                            if value > best:
                                best, row, column = value, i * sh + a, j * sw + e
                    dX[n, c, row, column] += grad[n, c, i, j]
    return dX


# ---------------------------------------------------------------- conv2d_dilated


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


# ---------------------------------------------------------------- conv2d_grouped


def groups_fit(X, W, groups):
    if groups < 1 or X.dim() != 4 or W.dim() != 4 or X.shape[1] != groups * W.shape[1] \
            or len(W) % groups:
        raise ValueError("the channels do not fall into these groups")


@right("groups-one-by-one")
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    groups_fit(X, W, groups)
    size, per = W.shape[1], len(W) // groups
    maps = [correlated(X[:, g * size : (g + 1) * size], W[g * per : (g + 1) * per], None, stride,
                       padding) for g in range(groups)]
    return with_bias(torch.cat(maps, 1), b)


@right("one-einsum-with-a-group-axis")
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    groups_fit(X, W, groups)
    X, (kh, kw), (sh, sw), _, _ = laid_out(X, W.shape[2:], stride, padding)
    windows = X.unfold(2, kh, sh).unfold(3, kw, sw).unflatten(1, (groups, W.shape[1]))
    Y = torch.einsum("ngcijab,gocab->ngoij", windows, W.unflatten(0, (groups, len(W) // groups)))
    return with_bias(Y.flatten(1, 2), b)


@right("block-diagonal-kernels")
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    groups_fit(X, W, groups)
    per = len(W) // groups
    wide = W.new_zeros(len(W), X.shape[1], *W.shape[2:])
    for g in range(groups):
        wide[g * per : (g + 1) * per, g * W.shape[1] : (g + 1) * W.shape[1]] = \
            W[g * per : (g + 1) * per]
    return correlated(X, wide, b, stride, padding)


@right("columns-batched-by-group")
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    groups_fit(X, W, groups)
    *_, size = laid_out(X, W.shape[2:], stride, padding)
    kind = X.dtype if X.is_floating_point() else torch.float64
    columns = F.unfold(X.to(kind), W.shape[2:], padding=padding, stride=stride)
    columns = columns.unflatten(1, (groups, W[0].numel()))
    weights = W.to(kind).reshape(groups, len(W) // groups, -1)
    return with_bias((weights @ columns).to(X.dtype).flatten(1, 2).unflatten(2, size), b)


@right("output-channel-by-output-channel")
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    groups_fit(X, W, groups)
    maps = []
    for o in range(len(W)):
        first = o // (len(W) // groups) * W.shape[1]
        maps.append(correlated(X[:, first : first + W.shape[1]], W[o : o + 1], None, stride,
                               padding))
    return with_bias(torch.cat(maps, 1), b)


@right("taps-times-repeated-channels")
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    groups_fit(X, W, groups)
    X, (kh, kw), stride, dilation, size = laid_out(X, W.shape[2:], stride, padding)
    # Channel c of output o is o's group's: repeat X so that every output finds its own.
    own = X.unflatten(1, (groups, W.shape[1])).repeat_interleave(len(W) // groups, 1)
    Y = 0
    for a in range(kh):
        for c in range(kw):
            seen = tap(own.flatten(1, 2), a, c, stride, dilation, size)
            Y = Y + (seen.unflatten(1, (len(W), W.shape[1])) * W[:, :, a, c, None, None]).sum(2)
    return with_bias(Y, b)


@right("textbook-loops-grouped", at_least=0.75)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    (sh, sw), (ph, pw), (kh, kw) = two(stride), two(padding), W.shape[2:]
    X = F.pad(X, (pw, pw, ph, ph))
    Y = torch.zeros((X.shape[0], W.shape[0], (X.shape[2] - kh) // sh + 1,
                     (X.shape[3] - kw) // sw + 1))
    c_in, c_out = X.shape[1] // groups, W.shape[0] // groups
    for g in range(groups):
        part, kernels = X[:, g * c_in : (g + 1) * c_in], W[g * c_out : (g + 1) * c_out]
        for o in range(c_out):
            for i in range(Y.shape[2]):
                for j in range(Y.shape[3]):
                    window = part[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
                    Y[:, g * c_out + o, i, j] = (window * kernels[o]).sum((1, 2, 3))
    return Y if b is None else Y + b.view(1, -1, 1, 1)


# ---------------------------------------------------------------- conv2d_transposed


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


# ---------------------------------------------------------------- conv2d_fft


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


# ---------------------------------------------------------------- conv2d_winograd


def ready(X, W, padding, outputs=2):
    """X padded so that tiles of ``outputs`` × ``outputs`` outputs cover it, and the size."""
    same_channels(X, W)
    if W.shape[2:] != (3, 3):
        raise ValueError("kernels are 3×3")
    X, *_, (height, width) = laid_out(X, 3, 1, padding)
    return F.pad(X, (0, -width % outputs, 0, -height % outputs)), (height, width)


def matrices(of, like):
    return [torch.tensor(rows, dtype=like.dtype, device=like.device) for rows in of]


F23 = ([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
       [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]],
       [[1, 1, 1, 0], [0, 1, -1, -1]])
F43 = ([[4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1]],
       [[1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6], [0, 0, 1]],
       [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]])


@right("tile-by-tile")
def conv2d_winograd(X, W, b=None, padding=0):
    X, (height, width) = ready(X, W, padding)
    BT, G, AT = matrices(F23, X)
    kernels = G @ W @ G.T
    Y = X.new_zeros(len(X), len(W), X.shape[2] - 2, X.shape[3] - 2)
    for i in range(0, Y.shape[2], 2):
        for j in range(0, Y.shape[3], 2):
            tile = BT @ X[:, :, i : i + 4, j : j + 4] @ BT.T
            product = (tile[:, None] * kernels).sum(2)
            Y[:, :, i : i + 2, j : j + 2] = AT @ product @ AT.T
    return with_bias(Y[:, :, :height, :width], b)


@right("sixteen-matrix-products")
def conv2d_winograd(X, W, b=None, padding=0):
    X, (height, width) = ready(X, W, padding)
    BT, G, AT = matrices(F23, X)
    N, C, H, full = X.shape
    rows, columns = (H - 2) // 2, (full - 2) // 2
    tiles = BT @ X.unfold(2, 4, 2).unfold(3, 4, 2) @ BT.T
    tiles = tiles.permute(4, 5, 1, 0, 2, 3).reshape(16, C, N * rows * columns)
    kernels = (G @ W @ G.T).permute(2, 3, 0, 1).reshape(16, len(W), C)
    product = (kernels @ tiles).reshape(4, 4, len(W), N, rows, columns)
    Y = torch.einsum("ix,jy,xyonrc->noricj", AT, AT, product)
    return with_bias(Y.reshape(N, len(W), 2 * rows, 2 * columns)[:, :, :height, :width], b)


@right("kronecker-products")
def conv2d_winograd(X, W, b=None, padding=0):
    X, (height, width) = ready(X, W, padding)
    BT, G, AT = (torch.kron(matrix, matrix) for matrix in matrices(F23, X))
    tiles = X.unfold(2, 4, 2).unfold(3, 4, 2).flatten(4) @ BT.T
    product = torch.einsum("ncijk,ock->noijk", tiles, W.flatten(2) @ G.T)
    Y = (product @ AT.T).unflatten(4, (2, 2)).transpose(3, 4).flatten(4, 5).flatten(2, 3)
    return with_bias(Y[:, :, :height, :width], b)


@right("larger-tiles")
def conv2d_winograd(X, W, b=None, padding=0):
    X, (height, width) = ready(X, W, padding, outputs=4)
    BT, G, AT = matrices(F43, X)
    tiles = BT @ X.unfold(2, 6, 4).unfold(3, 6, 4) @ BT.T
    product = torch.einsum("ncijxy,ocxy->noijxy", tiles, G @ W @ G.T)
    Y = (AT @ product @ AT.T).transpose(3, 4).flatten(4, 5).flatten(2, 3)
    return with_bias(Y[:, :, :height, :width], b)


@right("written-out-by-hand")
def conv2d_winograd(X, W, b=None, padding=0):
    def of_input(d):
        d0, d1, d2, d3 = d
        return d0 - d2, d1 + d2, d2 - d1, d1 - d3

    def of_kernel(g):
        g0, g1, g2 = g
        return g0, (g0 + g1 + g2) / 2, (g0 - g1 + g2) / 2, g2

    def of_output(m):
        m0, m1, m2, m3 = m
        return m0 + m1 + m2, m1 - m2 - m3

    def on_both_axes(step, grid):
        down = zip(*[step(column) for column in zip(*grid, strict=True)], strict=True)
        return [step(row) for row in down]

    X, (height, width) = ready(X, W, padding)
    tiles = X.unfold(2, 4, 2).unfold(3, 4, 2)
    d = on_both_axes(of_input, [[tiles[..., a, c] for c in range(4)] for a in range(4)])
    g = on_both_axes(of_kernel, [[W[..., a, c] for c in range(3)] for a in range(3)])
    m = [[torch.einsum("ncij,oc->noij", d[x][y], g[x][y]) for y in range(4)] for x in range(4)]
    Y = X.new_zeros(len(X), len(W), X.shape[2] - 2, X.shape[3] - 2)
    for a, row in enumerate(on_both_axes(of_output, m)):
        for c, part in enumerate(row):
            Y[:, :, a::2, c::2] = part
    return with_bias(Y[:, :, :height, :width], b)


@right("rows-by-winograd-in-one-dimension")
def conv2d_winograd(X, W, b=None, padding=0):
    X, (height, width) = ready(X, W, padding)
    BT, G, AT = matrices(F23, X)
    Y = 0
    for a in range(3):  # F(2, 3) along the width, for each row of the kernel
        tiles = X[:, :, a : a + height].unfold(3, 4, 2) @ BT.T
        product = torch.einsum("nchjx,ocx->nohjx", tiles, W[:, :, a] @ G.T)
        Y = Y + (product @ AT.T).flatten(3)
    return with_bias(Y[..., :width], b)


@right("textbook-tiles", at_least=0.75)
def conv2d_winograd(X, W, b=None, padding=0):
    ph, pw = two(padding)
    X = F.pad(X, (pw, pw, ph, ph))
    height, width = X.shape[2] - 2, X.shape[3] - 2
    X = F.pad(X, (0, width % 2, 0, height % 2))
    BT, G, AT = (torch.tensor(rows, dtype=X.dtype) for rows in F23)
    Y = torch.zeros((X.shape[0], W.shape[0], X.shape[2] - 2, X.shape[3] - 2))
    U = G @ W @ G.T
    for i in range(0, Y.shape[2], 2):
        for j in range(0, Y.shape[3], 2):
            V = BT @ X[:, :, i : i + 4, j : j + 4] @ BT.T
            M = torch.einsum("ncxy,ocxy->noxy", V, U)
            Y[:, :, i : i + 2, j : j + 2] = AT @ M @ AT.T
    Y = Y[:, :, :height, :width]
    return Y if b is None else Y + b.view(1, -1, 1, 1)
