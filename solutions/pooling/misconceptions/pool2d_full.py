"""Pooling with stride, padding and channels: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. The helpers are
right; a misconception says by what it makes of them where it goes wrong.
"""

import math

import torch
import torch.nn.functional as F

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def pair(size):
    return (size, size) if isinstance(size, int) else tuple(size)


def refuse(X, kernel, stride=1, padding=0, mode="max", dimensions=4):
    """Right refusals."""
    kernel, padding = pair(kernel), pair(padding)
    if X.dim() != dimensions or mode not in ("max", "avg"):
        raise ValueError("wrong number of dimensions, or an unknown mode")
    if min(pair(1 if stride is None else stride)) < 1 or min(padding) < 0:
        raise ValueError("stride below 1 or negative padding")
    if any(k > n + 2 * p for n, k, p in zip(X.shape[-2:], kernel, padding, strict=True)):
        raise ValueError("kernel larger than the padded image")


def windows(X, kernel, stride=1):
    """(..., H, W) -> (..., H', W', kh, kw)."""
    (kh, kw), (sh, sw) = pair(kernel), pair(stride)
    return X.unfold(-2, kh, sh).unfold(-2, kw, sw)


def reduced(found, mode):
    return found.amax((-2, -1)) if mode == "max" else found.mean((-2, -1))


def padded(X, padding, value=0.0):
    ph, pw = pair(padding)
    return F.pad(X, (pw, pw, ph, ph), value=value)


def lowest(X):
    return -math.inf if X.is_floating_point() else torch.iinfo(X.dtype).min


def full(X, kernel, stride, padding, mode, count_include_pad):
    """Right pooling of a batch."""
    refuse(X, kernel, stride, padding, mode)
    stride = kernel if stride is None else stride
    if mode == "max":
        return reduced(windows(padded(X, padding, lowest(X)), kernel, stride), mode)
    if count_include_pad:
        return reduced(windows(padded(X, padding), kernel, stride), mode)
    pixels = windows(padded(X.new_ones(1, 1, *X.shape[2:]), padding), kernel, stride)
    return windows(padded(X, padding), kernel, stride).sum((-2, -1)) / pixels.sum((-2, -1))


@wrong("zeros-around-the-maximum",
       "The border is padded with zeros, and a zero beats every negative pixel. Pad with −∞ for "
       "the maximum.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    refuse(X, kernel, stride, padding, mode)
    X, padding = (padded(X, padding), 0) if mode == "max" else (X, padding)
    return full(X, kernel, stride, padding, mode, count_include_pad)


@wrong("border-not-dark-enough",
       "The border is padded with a number that is not small enough: pixels can be smaller still. "
       "Pad with −∞.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    refuse(X, kernel, stride, padding, mode)
    X, padding = (padded(X, padding, -100), 0) if mode == "max" else (X, padding)
    return full(X, kernel, stride, padding, mode, count_include_pad)


@wrong("infinity-around-the-average",
       "The border is padded with −∞ for the average too. An average is padded with zeros.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    refuse(X, kernel, stride, padding, mode)
    X = padded(X, padding, lowest(X))
    return reduced(windows(X, kernel, kernel if stride is None else stride), mode)


@wrong("default-stride-one",
       "Without a stride your window moves by one pixel. Pooling strides by its window: "
       "stride=None means the kernel's size.")
def pool2d_full(X, kernel, stride=1, padding=0, mode="max", count_include_pad=True):
    stride = 1 if stride is None else stride
    return full(X, kernel, stride, padding, mode, count_include_pad)


@wrong("default-stride-two",
       "Without a stride your window moves by two pixels. stride=None means the kernel's size.")
def pool2d_full(X, kernel, stride=2, padding=0, mode="max", count_include_pad=True):
    stride = 2 if stride is None else stride
    return full(X, kernel, stride, padding, mode, count_include_pad)


@wrong("stride-ignored", "The stride is ignored: windows always lie side by side.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    refuse(X, kernel, stride, padding, mode)
    return full(X, kernel, None, padding, mode, count_include_pad)


@wrong("stride-only-in-the-size",
       "The answer has the right size, but its windows start at 0, 1, 2, … Window i starts at i·s.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    H, W = full(X, kernel, stride, padding, mode, count_include_pad).shape[2:]
    return full(X, kernel, 1, padding, mode, count_include_pad)[:, :, :H, :W]


@wrong("first-stride-for-both",
       "The vertical stride is used in both directions. The width goes by stride[1].")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    refuse(X, kernel, stride, padding, mode)
    stride = kernel if stride is None else pair(stride)[0]
    return full(X, kernel, stride, padding, mode, count_include_pad)


@wrong("kernel-square",
       "The kernel's height is used for its width too. It has two sizes: (kh, kw).")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    stride = kernel if stride is None else stride
    return full(X, pair(kernel)[0], stride, padding, mode, count_include_pad)


@wrong("padding-ignored", "The padding is ignored.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    refuse(X, kernel, stride, padding, mode)
    return full(X, kernel, stride, 0, mode, count_include_pad)


@wrong("first-padding-for-both",
       "The vertical padding is used in both directions. The width gets padding[1].")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    refuse(X, kernel, stride, padding, mode)
    return full(X, kernel, stride, pair(padding)[0], mode, count_include_pad)


@wrong("paddings-swapped",
       "Vertical and horizontal padding are swapped. F.pad starts from the last dimension: "
       "(left, right, top, bottom).")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    return full(X, kernel, stride, pair(padding)[::-1], mode, count_include_pad)


@wrong("padding-on-one-side",
       "Rows and columns are added at the top and left only. Padding counts on each side.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    refuse(X, kernel, stride, padding, mode)
    (ph, pw), (H, W) = pair(padding), X.shape[2:]
    fill = lowest(X) if mode == "max" else 0.0
    one_sided = F.pad(X, (pw, 0, ph, 0), value=fill)
    if count_include_pad or mode == "max":
        return full(one_sided, kernel, stride, 0, mode, True)
    pixels = F.pad(X.new_ones(1, 1, H, W), (pw, 0, ph, 0))
    return full(one_sided, kernel, stride, 0, mode, True) / full(
        pixels, kernel, stride, 0, mode, True)


@wrong("size-rounded-up",
       "There is a row or column too many, for a window that sticks out. Sizes are rounded down.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    refuse(X, kernel, stride, padding, mode)
    (kh, kw), (ph, pw) = pair(kernel), pair(padding)
    (sh, sw), (H, W) = pair(kernel if stride is None else stride), X.shape[2:]
    more = (0, -(W + 2 * pw - kw) % sw, 0, -(H + 2 * ph - kh) % sh)
    fill = lowest(X) if mode == "max" else 0.0
    if count_include_pad or mode == "max":
        return full(F.pad(padded(X, padding, fill), more, value=fill), kernel, (sh, sw), 0, mode,
                    True)
    pixels = F.pad(padded(X.new_ones(1, 1, H, W), padding), more)
    return full(F.pad(padded(X, padding), more), kernel, (sh, sw), 0, mode, True) / full(
        pixels, kernel, (sh, sw), 0, mode, True)


@wrong("size-without-plus-one",
       "The last row and column of windows are missing: divide by the stride first, then add one.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    return full(X, kernel, stride, padding, mode, count_include_pad)[:, :, :-1, :-1]


@wrong("channels-mixed",
       "The maximum or average is taken over all channels together. Pooling treats each channel "
       "on its own.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    Y = full(X, kernel, stride, padding, mode, count_include_pad)
    return (Y.amax(1, True) if mode == "max" else Y.mean(1, True)).expand_as(Y)


@wrong("first-image-only", "Only the first image of the batch is pooled.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    return full(X[:1], kernel, stride, padding, mode, count_include_pad)


@wrong("padding-never-counts",
       "Padded zeros are always left out of the mean, which makes the border too bright. By "
       "default they count; count_include_pad=False leaves them out.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    return full(X, kernel, stride, padding, mode, False)


@wrong("padding-always-counts",
       "count_include_pad=False changes nothing: divide by the pixels of the image in the window.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    return full(X, kernel, stride, padding, mode, True)


@wrong("padding-excluded-by-default",
       "Without count_include_pad you leave the padded zeros out. Its default is True.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=False):
    return full(X, kernel, stride, padding, mode, count_include_pad)


@wrong("nonzero-pixels-counted",
       "With count_include_pad=False you divide by the pixels that are not zero. A black pixel of "
       "the image counts.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    refuse(X, kernel, stride, padding, mode)
    if mode == "max" or count_include_pad:
        return full(X, kernel, stride, padding, mode, True)
    found = windows(padded(X, padding), kernel, kernel if stride is None else stride)
    return found.sum((-2, -1)) / (found != 0).sum((-2, -1)).clamp(min=1)


@wrong("full-mode-ignored", "The answer is the maximum whatever the mode is. Look at mode.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    refuse(X, kernel, stride, padding, mode)
    return full(X, kernel, stride, padding, "max", count_include_pad)


@wrong("full-only-pairs", "kernel=3 fails. One number means the same for height and width.")
def pool2d_full(X, kernel, stride=None, padding=(0, 0), mode="max", count_include_pad=True):
    (kh, kw), (sh, sw), (ph, pw) = kernel, stride or kernel, padding
    return full(X, (kh, kw), (sh, sw), (ph, pw), mode, count_include_pad)


@wrong("full-only-ints", "A kernel (3, 2) fails. Sizes may be pairs: height and width.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    stride = kernel if stride is None else stride
    H, W = ((n + 2 * padding - kernel) // stride + 1 for n in X.shape[2:])
    return full(X, kernel, stride, padding, mode, count_include_pad)[:, :, :H, :W]


@wrong("view-of-a-view",
       "Your function fails on images that are not contiguous in memory. Use reshape, not view.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    refuse(X, kernel, stride, padding, mode)
    planes = X.view(X.shape[0] * X.shape[1], 1, *X.shape[2:])
    Y = full(planes, kernel, stride, padding, mode, count_include_pad)
    return Y.view(*X.shape[:2], *Y.shape[2:])


@wrong("integers-cannot-be-padded",
       "Integer images raise an error: −∞ is no integer. Pad them with torch.iinfo(X.dtype).min.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    refuse(X, kernel, stride, padding, mode)
    if mode == "max":
        X, padding = padded(X, padding, -math.inf), 0
    return full(X, kernel, stride, padding, mode, count_include_pad)


@wrong("full-always-float32",
       "The answer is always float32. torch.zeros without a dtype makes float32: allocate with "
       "the dtype and device of X.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    found = full(X, kernel, stride, padding, mode, count_include_pad)
    Y = torch.zeros(found.shape)
    Y[:] = found
    return Y


@wrong("full-device-hard-coded",
       "A tensor is made on a fixed device. Create it on X.device, with device=X.device.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    found = full(X, kernel, stride, padding, mode, count_include_pad)
    Y = torch.zeros(found.shape, dtype=X.dtype)
    Y[:] = found
    return Y


@wrong("full-graph-cut",
       "No gradient comes back: .item(), .data, .detach() or numpy inside the function cut the "
       "graph.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    return full(X.detach(), kernel, stride, padding, mode, count_include_pad)


@wrong("full-input-changed", "Your function changes the image it is given. Work on a copy.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    Y = full(X, kernel, stride, padding, mode, count_include_pad)
    if not X.requires_grad and not X.is_meta:
        X -= 1
    return Y


@wrong("empty-batch-fails",
       "A batch without images raises an error: torch.stack and torch.cat need at least one.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    refuse(X, kernel, stride, padding, mode)
    return torch.stack([full(image[None], kernel, stride, padding, mode, count_include_pad)[0]
                        for image in X])


@wrong("full-unknown-mode-accepted",
       "A mode that does not exist gets an answer. Raise a ValueError instead of guessing.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    mode = mode if mode == "max" else "avg"
    return full(X, kernel, stride, padding, mode, count_include_pad)


@wrong("oversized-kernel-accepted",
       "A kernel larger than the padded image gives an empty answer. Raise a ValueError.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    refuse(X, 1, stride, padding, mode)
    if any(k > n + 2 * p for n, k, p in zip(X.shape[2:], pair(kernel), pair(padding), strict=True)):
        return X[:, :, :0, :0]
    return full(X, kernel, stride, padding, mode, count_include_pad)


@wrong("negative-padding-accepted",
       "A negative padding crops the image, because F.pad does so. Raise a ValueError.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    cropped = padded(X, tuple(min(0, p) for p in pair(padding)))
    padding = tuple(max(0, p) for p in pair(padding))
    return full(cropped, kernel, stride, padding, mode, count_include_pad)


@wrong("plane-accepted",
       "An image of two dimensions gets an answer. pool2d_full takes (N, C, H, W): raise a "
       "ValueError.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    if X.dim() == 2:
        return full(X[None, None], kernel, stride, padding, mode, count_include_pad)[0, 0]
    return full(X, kernel, stride, padding, mode, count_include_pad)


@wrong("any-stride",
       "A stride below one is taken for 1, and something is answered. Raise a ValueError.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    if stride is not None:
        stride = tuple(max(step, 1) for step in pair(stride))
    return full(X, kernel, stride, padding, mode, count_include_pad)
