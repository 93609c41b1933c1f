"""Wrong ideas about dilated convolution that students have, as they would write them.

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


def convolved(X, W, b=None, stride=1, padding=0, dilation=1):
    if W.dim() != 4 or X.shape[1] != W.shape[1]:
        raise ValueError("channels differ")
    Y = torch.einsum("nchwab,ocab->nohw", windows_of(X, W.shape[2:], stride, padding, dilation), W)
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong("dilation-ignored", "The dilation is accepted and ignored.")
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    convolved(X, W, b, stride, padding, dilation)
    return convolved(X, W, b, stride, padding)


@wrong(
    "dilation-counts-the-gap",
    "The gap between two weights is one pixel too large. Dilation is the distance from weight to "
    "weight: 1 is dense.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    convolved(X, W, b, stride, padding, dilation)
    return convolved(X, W, b, stride, padding, tuple(d + 1 for d in both(dilation)))


@wrong(
    "size-of-the-dense-kernel",
    "The number of places is computed for the dense kernel, so that the last windows stick out. "
    "The spread kernel is d·(k − 1) + 1 long.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    convolved(X, W, b, stride, padding, dilation)
    (dh, dw), (kh, kw) = both(dilation), W.shape[2:]
    X = F.pad(surrounded(X, padding), (0, (dw - 1) * (kw - 1), 0, (dh - 1) * (kh - 1)))
    return convolved(X, W, b, stride, 0, dilation)


@wrong(
    "first-dilation-for-both-axes",
    "The dilation of the height is used for the width too. The width has dilation[1].",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    convolved(X, W, b, stride, padding, dilation)
    return convolved(X, W, b, stride, padding, both(dilation)[0])


@wrong(
    "dilations-swapped",
    "The two dilations are swapped: dilation[0] belongs to the height.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    convolved(X, W, b, stride, padding, dilation)
    return convolved(X, W, b, stride, padding, both(dilation)[::-1])


@wrong(
    "image-thinned-out",
    "The image is subsampled, so that windows start at multiples of the dilation only. Dilation "
    "spreads the kernel; only the stride moves the window.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    convolved(X, W, b, stride, padding, dilation)
    dh, dw = both(dilation)
    return convolved(surrounded(X, padding)[:, :, ::dh, ::dw], W, b, stride)


@wrong(
    "zeros-behind-the-kernel",
    "The spread kernel ends with zeros, and is too long by d − 1. It has d·(k − 1) + 1 rows, not "
    "d·k.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    convolved(X, W, b, stride, padding, dilation)
    (dh, dw), (kh, kw) = both(dilation), W.shape[2:]
    spread = W.new_zeros(*W.shape[:2], dh * kh, dw * kw)
    spread[:, :, ::dh, ::dw] = W
    return convolved(X, spread, b, stride, padding)


@wrong(
    "padding-dilated",
    "The padding is multiplied by the dilation. Padding is counted in pixels, whatever the kernel.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    convolved(X, W, b, stride, padding, dilation)
    more = tuple(p * d for p, d in zip(both(padding), both(dilation), strict=True))
    return convolved(X, W, b, stride, more, dilation)


@wrong(
    "dilated-without-bias",
    "The bias is not added: b has one number for each output channel.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    return convolved(X, W, None, stride, padding, dilation)


@wrong("dilated-without-stride", "The stride is accepted and ignored.")
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    convolved(X, W, b, stride, padding, dilation)
    return convolved(X, W, b, 1, padding, dilation)


@wrong(
    "dilated-kernel-flipped",
    "That is true convolution. Deep learning does not flip the kernel.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    return convolved(X, W.flip(2, 3), b, stride, padding, dilation)


@wrong(
    "dilated-in-float32",
    "The answer is always float32. Allocate with the dtype of X.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    return in_float32(convolved(X, W, b, stride, padding, dilation))


def in_float32(Y):
    """Y, put into what torch.zeros makes without a dtype."""
    buffer = torch.zeros(Y.shape, device=Y.device)
    buffer += Y
    return buffer


@wrong(
    "dilated-on-a-fixed-device",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    Y = convolved(X, W, b, stride, padding, dilation)
    return Y + torch.zeros(Y.shape, dtype=Y.dtype)


@wrong(
    "dilated-whole-numbers-unsupported",
    "It fails for integer tensors: F.unfold, for example, takes floating-point tensors only.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    if not X.is_floating_point():
        raise RuntimeError("not implemented for 'Long'")
    return convolved(X, W, b, stride, padding, dilation)


@wrong(
    "dilated-graph-cut",
    "No gradient comes back: numpy, .data, .item() or .detach() inside the function cut the graph.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    return convolved(X, W, b, stride, padding, dilation).detach()


@wrong(
    "dilated-inputs-changed",
    "Your function changes the kernels it is given. Work on a copy.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    Y = convolved(X, W, b, stride, padding, dilation)
    if not W.requires_grad and not W.is_meta:
        W.neg_()
    return Y


@wrong(
    "dilated-batch-stacked",
    "Images are handled one by one and stacked, which fails when there is none. Handle the whole "
    "batch at once.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    return torch.stack([convolved(x[None], W, b, stride, padding, dilation)[0] for x in X])


@wrong(
    "spread-kernel-not-checked",
    "Only the dense kernel is compared with the image. The spread one is d·(k − 1) + 1 long: "
    "refuse it when it does not fit.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    padded, (dh, dw) = surrounded(X, padding), both(dilation)
    if dh * (W.shape[2] - 1) + 1 > padded.shape[2] or dw * (W.shape[3] - 1) + 1 > padded.shape[3]:
        return X.new_zeros(len(X), len(W), 0, 0)
    return convolved(X, W, b, stride, padding, dilation)


@wrong(
    "dilation-zero-accepted",
    "A dilation of 0 is treated as no dilation, or puts all weights on one pixel. Dilation 1 is "
    "the ordinary kernel: raise a ValueError for less.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    return convolved(X, W, b, stride, padding, tuple(max(1, d) for d in both(dilation)))


@wrong(
    "dilated-channels-not-checked",
    "Channels that do not match are dropped or repeated silently. Compare the numbers of channels "
    "first.",
)
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    C = min(X.shape[1], W.shape[1])
    return convolved(X[:, :C], W[:, :C], b, stride, padding, dilation)
