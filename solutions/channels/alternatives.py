"""Right ways to convolve that are unlike the model solution, and the textbook's own.

Each helper on top is one idea for a whole batch: X (N, C, H, W), W (C_out, C, kh, kw), stride
(s_h, s_w), no padding -> (N, C_out, H', W').
"""

import torch
import torch.nn.functional as F

from autograder.suite import Alternatives

right = Alternatives(__file__)


def pair(size):
    """(height, width) of an int or a pair."""
    return (size, size) if isinstance(size, int) else tuple(size)


def output_size(X, W, stride):
    """(H', W'), at least 1 each; refuses everything else."""
    if X.dim() != 4 or W.dim() != 4 or X.shape[1] != W.shape[1]:
        raise ValueError("shapes do not match")
    if min(stride) < 1:
        raise ValueError("stride below 1")
    size = [(n - k) // s + 1 for n, k, s in zip(X.shape[2:], W.shape[2:], stride, strict=True)]
    if min(size) < 1:
        raise ValueError("kernel too large")
    return size


def in_full(idea, X, W, b, stride, padding):
    """conv2d by one of the ideas: padding before, bias after."""
    ph, pw = pair(padding)
    if min(ph, pw) < 0:
        raise ValueError("negative padding")
    if b is not None and b.shape != W.shape[:1]:
        raise ValueError("shape of the bias")
    Y = idea(F.pad(X, (pw, pw, ph, ph)), W, pair(stride))
    return Y if b is None else Y + b[:, None, None]


def by_pixels(X, W, stride=(1, 1)):
    """One answer after the other."""
    (kh, kw), (sh, sw) = W.shape[2:], stride
    Y = X.new_zeros(X.shape[0], W.shape[0], *output_size(X, W, stride))
    for n, o, i, j in torch.cartesian_prod(*map(torch.arange, Y.shape)).tolist():
        window = X[n, :, i * sh:i * sh + kh, j * sw:j * sw + kw]
        Y[n, o, i, j] = (window * W[o]).sum()
    return Y


def by_taps(X, W, stride=(1, 1)):
    """One weight of the kernel after the other: it meets a rectangle of every image."""
    (h, w), (sh, sw) = output_size(X, W, stride), stride
    Y = X.new_zeros(X.shape[0], W.shape[0], h, w)
    for a in range(W.shape[2]):
        for b in range(W.shape[3]):
            met = X[:, :, a:a + sh * (h - 1) + 1:sh, b:b + sw * (w - 1) + 1:sw]
            Y = Y + torch.einsum("nchw,oc->nohw", met, W[:, :, a, b])
    return Y


def by_windows(X, W, stride=(1, 1)):
    """A view of all windows, and one sum."""
    output_size(X, W, stride)
    windows = X.unfold(2, W.shape[2], stride[0]).unfold(3, W.shape[3], stride[1])
    return torch.tensordot(windows, W, dims=([1, 4, 5], [1, 2, 3])).permute(0, 3, 1, 2)


def by_memory(X, W, stride=(1, 1)):
    """The same view, by strides in memory."""
    h, w = output_size(X, W, stride)
    n, c, sh, sw = X.stride()
    windows = X.as_strided(
        (X.shape[0], X.shape[1], h, w, *W.shape[2:]),
        (n, c, sh * stride[0], sw * stride[1], sh, sw), X.storage_offset(),
    )
    return torch.einsum("nchwab,ocab->nohw", windows, W)


def by_columns(X, W, stride=(1, 1)):
    """im2col, then one matrix product."""
    size = output_size(X, W, stride)
    if not X.is_floating_point():
        return by_columns(X.double(), W.double(), stride).round().to(X.dtype)
    columns = F.unfold(X, W.shape[2:], stride=stride)
    return (W.flatten(1) @ columns).reshape(X.shape[0], W.shape[0], *size)


def by_spectrum(X, W, stride=(1, 1)):
    """Correlation is a product of spectra, one of them conjugated."""
    h, w = output_size(X, W, (1, 1))
    output_size(X, W, stride)
    if not X.is_floating_point():
        return by_spectrum(X.double(), W.double(), stride).round().to(X.dtype)
    if X.shape[0] == 0:  # the FFT wants at least one image
        return by_taps(X, W, stride)
    size = X.shape[2:]
    product = torch.einsum(
        "nchw,ochw->nohw", torch.fft.rfft2(X, s=size), torch.fft.rfft2(W, s=size).conj())
    return torch.fft.irfft2(product, s=size)[:, :, :h:stride[0], :w:stride[1]]


def by_halves(X, W, stride=(1, 1)):
    """Cut the kernel in two until it is one pixel: the halves see shifted images."""
    output_size(X, W, stride)
    for axis in (2, 3):
        if (k := W.shape[axis]) > 1:
            n, middle = X.shape[axis], k // 2
            return by_halves(X.narrow(axis, 0, n - k + middle), W.narrow(axis, 0, middle), stride) \
                + by_halves(X.narrow(axis, middle, n - middle), W.narrow(axis, middle, k - middle),
                            stride)
    return (X[:, None, :, ::stride[0], ::stride[1]] * W[None]).sum(2)


def by_index(X, W, stride=(1, 1)):
    """Advanced indexing: which pixel stands where in which window."""
    (h, w), (kh, kw) = output_size(X, W, stride), W.shape[2:]

    def numbers(n):
        return torch.arange(n, device=X.device)

    rows = (stride[0] * numbers(h))[:, None, None, None] + numbers(kh)[:, None]
    columns = (stride[1] * numbers(w))[:, None, None] + numbers(kw)
    windows = X[:, :, rows, columns]  # (N, C, H', W', kh, kw)
    return (windows[:, None] * W[:, :, None, None]).sum((2, 5, 6))


def by_matrix(X, W, stride=(1, 1)):
    """Convolution is linear: one large matrix with the weights at their places."""
    h, w = output_size(X, W, stride)
    pixels = torch.arange(X.shape[1] * X.shape[2] * X.shape[3], device=X.device)
    places = pixels.reshape(X.shape[1:]).unfold(1, W.shape[2], stride[0])
    places = places.unfold(2, W.shape[3], stride[1]).permute(1, 2, 0, 3, 4).reshape(h * w, -1)
    matrix = X.new_zeros(W.shape[0], h * w, len(pixels))
    matrix[:, torch.arange(h * w, device=X.device)[:, None], places] = W.flatten(1)[:, None]
    Y = X.flatten(1) @ matrix.flatten(0, 1).T
    return Y.reshape(X.shape[0], W.shape[0], h, w)


def textbook_corr2d(X, K):
    """The textbook's own: always float32, on the CPU, and nothing is refused."""
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i:i + h, j:j + w] * K).sum()
    return Y


def textbook_multi_in(X, K):
    return sum(textbook_corr2d(x, k) for x, k in zip(X, K))  # noqa: B905


# ---------------------------------------------------------------- corr2d_multi_in


@right("textbook-zip", at_least=0.75)
def corr2d_multi_in(X, K):
    return textbook_multi_in(X, K)


@right("pixel-after-pixel")
def corr2d_multi_in(X, K):
    return by_pixels(X[None], K[None])[0, 0]


def channel_by_channel(X, K):
    """The first channel's answer, and by recursion that of the others."""
    first = by_taps(X[None, :1], K[None, :1])[0, 0]
    return first if len(X) == 1 else first + channel_by_channel(X[1:], K[1:])


@right("recursion")
def corr2d_multi_in(X, K):
    output_size(X[None], K[None], (1, 1))
    return channel_by_channel(X, K)


@right("tensordot-of-windows")
def corr2d_multi_in(X, K):
    return by_windows(X[None], K[None])[0, 0]


@right("channels-as-a-batch")
def corr2d_multi_in(X, K):
    output_size(X[None], K[None], (1, 1))
    windows = X.unfold(1, K.shape[1], 1).unfold(2, K.shape[2], 1)
    products = windows.flatten(1, 2).flatten(2) @ K.flatten(1)[:, :, None]
    return products.sum(0).reshape(windows.shape[1:3])


@right("spectrum-of-each-channel")
def corr2d_multi_in(X, K):
    return by_spectrum(X[None], K[None])[0, 0]


@right("im2col")
def corr2d_multi_in(X, K):
    return by_columns(X[None], K[None])[0, 0]


# ---------------------------------------------------------------- corr2d_multi_in_out


@right("textbook-stack", at_least=0.75)
def corr2d_multi_in_out(X, K):
    return torch.stack([textbook_multi_in(X, k) for k in K], 0)


@right("weight-after-weight")
def corr2d_multi_in_out(X, K):
    return by_taps(X[None], K)[0]


@right("strides-in-memory")
def corr2d_multi_in_out(X, K):
    return by_memory(X[None], K)[0]


@right("kernel-in-halves")
def corr2d_multi_in_out(X, K):
    return by_halves(X[None], K)[0]


@right("spectrum")
def corr2d_multi_in_out(X, K):
    return by_spectrum(X[None], K)[0]


@right("sparse-matrix")
def corr2d_multi_in_out(X, K):
    return by_matrix(X[None], K)[0]


@right("a-class-instead-of-a-function")
class corr2d_multi_in_out:  # noqa: N801
    def __new__(cls, X, K):
        return by_index(X[None], K)[0]


@right("filled-map-by-map")
def corr2d_multi_in_out(X, K):
    h, w = output_size(X[None], K, (1, 1))
    Y = torch.empty(K.shape[0], h, w, dtype=X.dtype, device=X.device)
    for o, kernel in enumerate(K):
        Y[o] = by_windows(X[None], kernel[None])[0, 0]
    return Y


# ---------------------------------------------------------------- corr2d_multi_in_out_1x1


@right("textbook-matmul", at_least=0.75)
def corr2d_multi_in_out_1x1(X, K):
    c_i, h, w = X.shape
    c_o = K.shape[0]
    X = X.reshape((c_i, h * w))
    K = K.reshape((c_o, c_i))
    Y = torch.matmul(K, X)
    return Y.reshape((c_o, h, w))


def one_pixel(X, K):
    """K (C_out, C, 1, 1) as a matrix (C_out, C), after checks."""
    output_size(X[None], K, (1, 1))
    if K.shape[2:] != (1, 1):
        raise ValueError("the kernels must be 1×1")
    return K[:, :, 0, 0]


@right("einsum")
def corr2d_multi_in_out_1x1(X, K):
    return torch.einsum("oc,chw->ohw", one_pixel(X, K), X)


@right("tensordot")
def corr2d_multi_in_out_1x1(X, K):
    return torch.tensordot(one_pixel(X, K), X, dims=1)


@right("dense-layer-for-every-pixel")
def corr2d_multi_in_out_1x1(X, K):
    return F.linear(X.permute(1, 2, 0), one_pixel(X, K)).permute(2, 0, 1)


@right("weighted-sum-of-channels")
def corr2d_multi_in_out_1x1(X, K):
    one_pixel(X, K)
    return (K * X).sum(1)


@right("one-product-for-each-row")
def corr2d_multi_in_out_1x1(X, K):
    return (one_pixel(X, K) @ X.permute(1, 0, 2)).transpose(0, 1)


# ---------------------------------------------------------------- conv2d


@right("textbook-loops", at_least=0.75)
def conv2d(X, W, b=None, stride=1, padding=0):
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    (N, C, H, V), (outputs, _, kh, kw) = X.shape, W.shape
    padded = torch.zeros((N, C, H + 2 * ph, V + 2 * pw))
    padded[:, :, ph:ph + H, pw:pw + V] = X
    Y = torch.zeros((N, outputs, (H + 2 * ph - kh) // sh + 1, (V + 2 * pw - kw) // sw + 1))
    for n in range(N):
        for o in range(outputs):
            for i in range(Y.shape[2]):
                for j in range(Y.shape[3]):
                    window = padded[n, :, i * sh:i * sh + kh, j * sw:j * sw + kw]
                    Y[n, o, i, j] = (window * W[o]).sum()
                    if b is not None:
                        Y[n, o, i, j] += b[o]
    return Y


@right("textbook-stack-of-stacks", at_least=0.75)
def conv2d(X, W, b=None, stride=1, padding=0):
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    maps = torch.stack([torch.stack([textbook_multi_in(x, k) for k in W])
                        for x in F.pad(X, (pw, pw, ph, ph))])[:, :, ::sh, ::sw]
    return maps if b is None else maps + b.reshape(1, -1, 1, 1)


@right("all-loops")
def conv2d(X, W, b=None, stride=1, padding=0):
    return in_full(by_pixels, X, W, b, stride, padding)


@right("taps")
def conv2d(X, W, b=None, stride=1, padding=0):
    return in_full(by_taps, X, W, b, stride, padding)


@right("as-strided")
def conv2d(X, W, b=None, stride=1, padding=0):
    return in_full(by_memory, X, W, b, stride, padding)


@right("unfold-and-matmul")
def conv2d(X, W, b=None, stride=1, padding=0):
    return in_full(by_columns, X, W, b, stride, padding)


@right("fourier")
def conv2d(X, W, b=None, stride=1, padding=0):
    return in_full(by_spectrum, X, W, b, stride, padding)


@right("indexing")
def conv2d(X, W, b=None, stride=1, padding=0):
    return in_full(by_index, X, W, b, stride, padding)


@right("halves")
def conv2d(X, W, b=None, stride=1, padding=0):
    return in_full(by_halves, X, W, b, stride, padding)


@right("one-large-matrix")
def conv2d(X, W, b=None, stride=1, padding=0):
    return in_full(by_matrix, X, W, b, stride, padding)
