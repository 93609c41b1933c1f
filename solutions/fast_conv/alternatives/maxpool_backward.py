"""Right implementations of maxpool_backward that are unlike the model solution.

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
