"""Right implementations of conv2d_backward that are unlike the model solution.

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
