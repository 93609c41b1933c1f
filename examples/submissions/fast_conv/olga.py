"""Fast convolution, Olga."""

import time

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F


def as_pair(size):
    """(height, width) of a size that may be one int, meaning both, or already a pair."""
    return (size, size) if isinstance(size, int) else tuple(size)


def surround(X, padding):
    """X (N, C, H, W) with zeros around it, padding on each side. The padding is an int or a pair."""
    rows, columns = as_pair(padding)
    return F.pad(X, (columns, columns, rows, rows))


def places(size, kernel, stride=1, padding=0, dilation=1):
    """(H', W'): how many places a window has along the height and width of an image.

    size is the image's (H, W), all arguments are ints or pairs. Raises ValueError if there is no
    place at all, or if a stride or dilation below 1 or a negative padding is asked for.
    """
    found = []
    for n, k, s, p, d in zip(as_pair(size), as_pair(kernel), as_pair(stride), as_pair(padding),
                             as_pair(dilation), strict=True):
        span = d * (k - 1) + 1
        if k < 1 or s < 1 or p < 0 or d < 1 or span > n + 2 * p:
            raise ValueError(f"no window {kernel}, stride {stride}, padding {padding}, "
                             f"dilation {dilation} on an image of {tuple(size)}")
        found.append((n + 2 * p - span) // s + 1)
    return tuple(found)


def show(pictures):
    """Draw small images side by side. pictures: title -> tensor of shape (H, W)."""
    axes = plt.subplots(1, len(pictures), figsize=(3 * len(pictures), 3))[1]
    for axis, (title, picture) in zip(axes, pictures.items(), strict=True):
        axis.imshow(picture.detach(), cmap="gray", vmin=min(0, float(picture.min())))
        axis.set_title(title)
        axis.axis("off")
    plt.show()


def seconds(function, *arguments):
    """How long a call takes, the fastest of three."""
    took = []
    for _ in range(3):
        started = time.perf_counter()
        function(*arguments)
        took.append(time.perf_counter() - started)
    return min(took)


def refuses(function, *arguments):
    """Whether the call raises one of the exceptions that count."""
    try:
        function(*arguments)
    except (ValueError, RuntimeError, TypeError, IndexError, KeyError, AssertionError) as error:
        return not isinstance(error, NotImplementedError)
    return False


def im2col(X, kernel, stride=1, padding=0):
    (kh, kw), (sh, sw) = as_pair(kernel), as_pair(stride)
    height, width = places(X.shape[2:], kernel, stride, padding)
    windows = surround(X, padding).unfold(2, kh, sh).unfold(3, kw, sw)
    # (N, C, H', W', kh, kw): bring the window's axes in front of the places.
    columns = windows.permute(0, 1, 4, 5, 2, 3)
    return columns.reshape(X.shape[0], X.shape[1] * kh * kw, height * width)


def conv2d_fast(X, W, b=None, stride=1, padding=0):
    C_out, C, kh, kw = W.shape
    if X.shape[1] != C:
        raise ValueError(f"X has {X.shape[1]} channels, but W is made for {C}")
    height, width = places(X.shape[2:], (kh, kw), stride, padding)
    Y = W.reshape(C_out, -1) @ im2col(X, (kh, kw), stride, padding)
    if b is not None:
        Y = Y + b[:, None]
    return Y.reshape(X.shape[0], C_out, height, width)


def col2im(columns, size, kernel, stride=1, padding=0):
    (H, W), (ph, pw) = as_pair(size), as_pair(padding)
    (kh, kw), (sh, sw) = as_pair(kernel), as_pair(stride)
    height, width = places((H, W), kernel, stride, padding)
    N, rows, L = columns.shape
    if height * width != L or rows % (kh * kw):
        raise ValueError(f"{rows} rows and {L} columns are not {height}×{width} windows of {kh}×{kw}")
    columns = columns.reshape(N, rows // (kh * kw), kh, kw, height, width)
    image = columns.new_zeros(N, columns.shape[1], H + 2 * ph, W + 2 * pw)
    for a in range(kh):
        for e in range(kw):
            # The pixels that weight (a, e) meets, all different.
            image[:, :, a:a + sh * height:sh, e:e + sw * width:sw] += columns[:, :, a, e]
    return image[:, :, ph:ph + H, pw:pw + W]


def conv2d_backward(grad, X, W, stride=1, padding=0):
    C_out, C, kh, kw = W.shape
    size = places(X.shape[2:], (kh, kw), stride, padding)
    if X.shape[1] != C or grad.shape != (X.shape[0], C_out, *size):
        raise ValueError(f"grad {tuple(grad.shape)}, X {tuple(X.shape)} and W {tuple(W.shape)} "
                         "do not belong to one convolution")
    columns = im2col(X, (kh, kw), stride, padding)
    G = grad.reshape(X.shape[0], C_out, columns.shape[2])
    dW = (G @ columns.transpose(1, 2)).sum(0).reshape(W.shape)
    dX = col2im(W.reshape(C_out, -1).T @ G, X.shape[2:], (kh, kw), stride, padding)
    return dX, dW, grad.sum((0, 2, 3))


def maxpool_backward(grad, X, kernel, stride=None):
    (kh, kw), (sh, sw) = as_pair(kernel), as_pair(kernel if stride is None else stride)
    height, width = places(X.shape[2:], kernel, (sh, sw))
    if grad.shape != (*X.shape[:2], height, width):
        raise ValueError(f"grad {tuple(grad.shape)} is not the pooled {tuple(X.shape)}")
    windows = X.unfold(2, kh, sh).unfold(3, kw, sw)
    winner = windows.flatten(4).argmax(-1)  # the first largest, counted within its window
    rows = sh * torch.arange(height, device=X.device)[:, None] + winner // kw
    columns = sw * torch.arange(width, device=X.device) + winner % kw
    pixels = (rows * X.shape[3] + columns).flatten(2)  # counted within the image
    dX = X.new_zeros(*X.shape[:2], X.shape[2] * X.shape[3])
    return dX.scatter_add(2, pixels, grad.flatten(2)).reshape(X.shape)


def conv2d_fft(X, W, b=None, padding=0):
    h, w = places(X.shape[2:], W.shape[2:], 1, padding)
    if X.shape[1] != W.shape[1]:
        raise ValueError("channels")
    P = surround(X, padding)
    product = (torch.fft.rfft2(P).unsqueeze(1) * torch.fft.rfft2(W, s=P.shape[2:])).sum(2)
    Y = torch.fft.irfft2(product, s=P.shape[2:])[:, :, W.shape[2] - 1:, W.shape[3] - 1:]
    return Y if b is None else Y + b.reshape(-1, 1, 1)


def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    (sh, sw), (kh, kw) = as_pair(stride), W.shape[2:]
    if X.shape[1] != W.shape[0]:
        raise ValueError("channels")
    N, _, H, width = X.shape
    Y = X.new_zeros(N, W.shape[1], (H - 1) * sh + kh, (width - 1) * sw + kw)
    for i in range(H):
        for j in range(width):
            Y[:, :, i * sh:i * sh + kh, j * sw:j * sw + kw] += torch.einsum(
                "nc,coab->noab", X[:, :, i, j], W)
    Y = surround(Y, padding)
    return Y if b is None else Y + b.reshape(-1, 1, 1)


if __name__ == "__main__":
    import sys

    print(conv2d_fast(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 3, 3)))
    sys.exit(0)
