"""Wrong ideas about convolution by the FFT that students have, as they would write them.

The helpers are right, so that every misconception holds one wrong idea and no other.
"""

import torch
import torch.nn.functional as F

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def both(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def surrounded(X, padding):
    """X with zeros around it; refuses a negative padding."""
    ph, pw = both(padding)
    if X.dim() != 4 or min(ph, pw) < 0:
        raise ValueError("not (N, C, H, W), or a negative padding")
    return F.pad(X, (pw, pw, ph, ph))


def windows_of(X, kernel, stride=1, padding=0, dilation=1):
    """Every window, (N, C, H', W', kh, kw)."""
    (kh, kw), (sh, sw), (dh, dw) = both(kernel), both(stride), both(dilation)
    if min(kh, kw, sh, sw, dh, dw) < 1:
        raise ValueError("kernel, stride and dilation start at 1")
    X = surrounded(X, padding)
    return X.unfold(2, dh * (kh - 1) + 1, sh).unfold(3, dw * (kw - 1) + 1, sw)[..., ::dh, ::dw]


def spectra(X, W, padding):
    """(padded X, spectrum of X, spectrum of W), all of the padded size."""
    windows_of(X, W.shape[2:], 1, padding)
    if X.shape[1] != W.shape[1]:
        raise ValueError("channels differ")
    X = surrounded(X, padding)
    return X, torch.fft.rfft2(X), torch.fft.rfft2(W, s=X.shape[2:])


def from_spectrum(product, X, W, b=None):
    """The part of the answer where nothing wraps around, and the bias."""
    height, width = X.shape[2] - W.shape[2] + 1, X.shape[3] - W.shape[3] + 1
    Y = torch.fft.irfft2(product, s=X.shape[2:])[:, :, :height, :width]
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


def spectral(X, W, b=None, padding=0):
    """The right answer."""
    X, image, kernel = spectra(X, W, padding)
    return from_spectrum(torch.einsum("nchw,ochw->nohw", image, kernel.conj()), X, W, b)


@wrong(
    "circular-answer",
    "The answer has the size of the image, and its border wraps around. Crop it to the windows "
    "that lie inside: H − kh + 1.",
)
def conv2d_fft(X, W, b=None, padding=0):
    X, image, kernel = spectra(X, W, padding)
    Y = torch.fft.irfft2(torch.einsum("nchw,ochw->nohw", image, kernel.conj()), s=X.shape[2:])
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "spectrum-not-conjugated",
    "The product of two spectra is a convolution, with the kernel flipped. Flip W first, or take "
    "the conjugate of its spectrum.",
)
def conv2d_fft(X, W, b=None, padding=0):
    return spectral(X, W.flip(2, 3), b, padding)


@wrong(
    "cropped-at-the-wrong-corner",
    "The crop keeps the part that wrapped around. With the conjugate spectrum the valid part "
    "starts at (0, 0); with a flipped kernel at (kh − 1, kw − 1).",
)
def conv2d_fft(X, W, b=None, padding=0):
    X, image, kernel = spectra(X, W, padding)
    product = torch.einsum("nchw,ochw->nohw", image, kernel.conj())
    Y = torch.fft.irfft2(product, s=X.shape[2:])[:, :, W.shape[2] - 1 :, W.shape[3] - 1 :]
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "unflipped-and-cropped-in-front",
    "The kernel is not flipped, and the crop keeps the part that wrapped around. Take the "
    "conjugate of the kernel's spectrum.",
)
def conv2d_fft(X, W, b=None, padding=0):
    X, image, kernel = spectra(X, W, padding)
    return from_spectrum(torch.einsum("nchw,ochw->nohw", image, kernel), X, W, b)


@wrong(
    "odd-width-lost",
    "An odd width loses a column: irfft2 cannot tell 2n from 2n + 1. Tell it the size: s=(H, W).",
)
def conv2d_fft(X, W, b=None, padding=0):
    X, image, kernel = spectra(X, W, padding)
    height, width = X.shape[2] - W.shape[2] + 1, X.shape[3] - W.shape[3] + 1
    Y = torch.fft.irfft2(torch.einsum("nchw,ochw->nohw", image, kernel.conj()))
    Y = Y[:, :, :height, :width]
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "complex-answer",
    "The answer is complex. The imaginary part is rounding: take .real, or use irfft2.",
)
def conv2d_fft(X, W, b=None, padding=0):
    Y = spectral(X, W, b, padding)
    return torch.complex(Y, torch.zeros_like(Y))


@wrong(
    "absolute-value-taken",
    "The absolute value of the inverse transform is taken, which loses the sign. Take .real.",
)
def conv2d_fft(X, W, b=None, padding=0):
    Y = spectral(X, W, None, padding).abs()
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "single-precision-spectrum",
    "The spectrum is computed in single precision: doubles lose half of their digits.",
)
def conv2d_fft(X, W, b=None, padding=0):
    Y = spectral(X.float(), W.float(), None, padding).to(X.dtype)
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "scaled-twice",
    "The answer is scaled twice. irfft2 divides by H·W already.",
)
def conv2d_fft(X, W, b=None, padding=0):
    size = surrounded(X, padding)[0, 0].numel()
    Y = spectral(X, W, None, padding) / size
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "bias-in-the-spectrum",
    "The bias is added to the spectrum, which changes one pixel in the corner only. Add it after "
    "the inverse transform.",
)
def conv2d_fft(X, W, b=None, padding=0):
    X, image, kernel = spectra(X, W, padding)
    product = torch.einsum("nchw,ochw->nohw", image, kernel.conj())
    return from_spectrum(product if b is None else product + b.reshape(1, -1, 1, 1), X, W)


@wrong(
    "spectra-averaged",
    "The input channels are averaged. A convolution sums over them.",
)
def conv2d_fft(X, W, b=None, padding=0):
    Y = spectral(X, W, None, padding) / X.shape[1]
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "padded-at-the-end-only",
    "The padding stands at the bottom and right only, as it does for the transform. The image "
    "needs it on all sides.",
)
def conv2d_fft(X, W, b=None, padding=0):
    spectra(X, W, padding)
    ph, pw = both(padding)
    return spectral(F.pad(X, (0, 2 * pw, 0, 2 * ph)), W, b)


@wrong(
    "border-wraps-for-padding",
    "The border shows the other side of the image instead of zeros. Pad with zeros before the "
    "transform.",
)
def conv2d_fft(X, W, b=None, padding=0):
    spectra(X, W, padding)
    ph, pw = both(padding)
    rows = torch.arange(-ph, X.shape[2] + ph, device=X.device) % X.shape[2]
    columns = torch.arange(-pw, X.shape[3] + pw, device=X.device) % X.shape[3]
    return spectral(X[:, :, rows[:, None], columns], W, b)


@wrong(
    "fft-paddings-swapped",
    "The paddings of height and width are swapped: F.pad starts from the last dimension.",
)
def conv2d_fft(X, W, b=None, padding=0):
    spectra(X, W, padding)
    return spectral(X, W, b, both(padding)[::-1])


@wrong(
    "fft-on-a-fixed-device",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def conv2d_fft(X, W, b=None, padding=0):
    Y = spectral(X, W, b, padding)
    return Y + torch.zeros(Y.shape, dtype=Y.dtype)


@wrong(
    "fft-graph-cut",
    "No gradient comes back: numpy's FFT, .data or .detach() inside the function cut the graph.",
)
def conv2d_fft(X, W, b=None, padding=0):
    return spectral(X, W, b, padding).detach()


@wrong(
    "fft-inputs-changed",
    "Your function changes the image it is given. Work on a copy.",
)
def conv2d_fft(X, W, b=None, padding=0):
    Y = spectral(X, W, b, padding)
    if not X.requires_grad and not X.is_meta:
        X.neg_()
    return Y


@wrong(
    "fft-view",
    "It fails for tensors that are not contiguous in memory: use reshape, not view.",
)
def conv2d_fft(X, W, b=None, padding=0):
    X.view(*X.shape[:2], X.shape[2] * X.shape[3])
    return spectral(X, W, b, padding)


@wrong(
    "oversized-kernel-wraps",
    "A kernel larger than the padded image wraps around it, or is cut. There is no valid window: "
    "raise a ValueError.",
)
def conv2d_fft(X, W, b=None, padding=0):
    padded = surrounded(X, padding)
    return spectral(padded, W[:, :, : padded.shape[2], : padded.shape[3]], b)


@wrong(
    "fft-channel-broadcast",
    "An image of one channel is silently used for all channels of the kernel (broadcasting). "
    "Compare the numbers of channels first.",
)
def conv2d_fft(X, W, b=None, padding=0):
    if X.shape[1] == 1:
        X = X.expand(-1, W.shape[1], -1, -1)
    return spectral(X, W, b, padding)


@wrong(
    "fft-negative-padding-crops",
    "A negative padding crops the image silently. Raise a ValueError.",
)
def conv2d_fft(X, W, b=None, padding=0):
    ph, pw = both(padding)
    return spectral(F.pad(X, (pw, pw, ph, ph)), W, b)
