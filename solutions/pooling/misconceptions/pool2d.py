"""Pooling one image: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. The helpers are
right; a misconception says by what it makes of them where it goes wrong.
"""

import math

import torch

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def pair(size):
    return (size, size) if isinstance(size, int) else tuple(size)


def refuse(X, kernel, stride=1, padding=0, mode="max", dimensions=4):
    """Right refusals."""
    kernel, padding = pair(kernel), pair(padding)
    if X.dim() != dimensions or mode not in ("max", "avg"):
        raise ValueError("wrong number of dimensions, or an unknown mode")
    if min(pair(stride or 1)) < 1 or min(padding) < 0:
        raise ValueError("stride below 1 or negative padding")
    if any(k > n + 2 * p for n, k, p in zip(X.shape[-2:], kernel, padding, strict=True)):
        raise ValueError("kernel larger than the padded image")


def windows(X, kernel, stride=1):
    """(..., H, W) -> (..., H', W', kh, kw)."""
    (kh, kw), (sh, sw) = pair(kernel), pair(stride)
    return X.unfold(-2, kh, sh).unfold(-2, kw, sw)


def reduced(found, mode):
    return found.amax((-2, -1)) if mode == "max" else found.mean((-2, -1))


def plane(X, pool_size, mode, stride=1):
    """Right pooling of one image."""
    refuse(X, pool_size, mode=mode, dimensions=2)
    return reduced(windows(X, pool_size, stride), mode)


@wrong("max-starts-at-zero",
       "The running maximum starts at 0, so that no answer is ever negative. Start at the window's "
       "first pixel, or at −∞.")
def pool2d(X, pool_size, mode="max"):
    Y = plane(X, pool_size, mode)
    return Y.clamp(min=0) if mode == "max" else Y


@wrong("mode-ignored", "The answer is the maximum whatever the mode is. Look at mode.")
def pool2d(X, pool_size, mode="max"):
    refuse(X, pool_size, mode=mode, dimensions=2)
    return plane(X, pool_size, "max")


@wrong("default-mode-average", "Without a mode you average. The default is the maximum.")
def pool2d(X, pool_size, mode="avg"):
    return plane(X, pool_size, mode)


@wrong("sum-for-average", "Your average is a sum: divide by the number of pixels in the window.")
def pool2d(X, pool_size, mode="max"):
    Y, (ph, pw) = plane(X, pool_size, mode), pair(pool_size)
    return Y if mode == "max" else Y * ph * pw


@wrong("last-pixel-for-maximum",
       "Your maximum is always the window's last pixel. It is the largest only if the numbers "
       "grow along the image, as in the example.")
def pool2d(X, pool_size, mode="max"):
    Y, (ph, pw) = plane(X, pool_size, mode), pair(pool_size)
    return X[ph - 1 :, pw - 1 :] if mode == "max" else Y


@wrong("largest-magnitude",
       "Your maximum is that of the absolute values. Keep the signs: −5 is less than 2.")
def pool2d(X, pool_size, mode="max"):
    return plane(X.abs() if mode == "max" else X, pool_size, mode)


@wrong("windows-side-by-side",
       "Your window moves by its own size. In pool2d it moves by one pixel: H − ph + 1 rows.")
def pool2d(X, pool_size, mode="max"):
    return plane(X, pool_size, mode, stride=pool_size)


@wrong("window-transposed", "Height and width of the window are swapped: pool_size is (ph, pw).")
def pool2d(X, pool_size, mode="max"):
    return plane(X, pair(pool_size)[::-1], mode)


@wrong("square-window", "Your window is square. It has a height and a width of its own.")
def pool2d(X, pool_size, mode="max"):
    refuse(X, pool_size, mode=mode, dimensions=2)
    return plane(X, pair(pool_size)[0], mode)


@wrong("output-one-too-small",
       "The last row and column are missing. Count the places of the window: H − ph + 1.")
def pool2d(X, pool_size, mode="max"):
    return plane(X, pool_size, mode)[:-1, :-1]


@wrong("output-transposed", "Your answer is the transpose of the right one: rows come first.")
def pool2d(X, pool_size, mode="max"):
    return plane(X, pool_size, mode).T


@wrong("width-from-height",
       "The width of the answer is computed from the height of the image. The width is shape[1].")
def pool2d(X, pool_size, mode="max"):
    refuse(X, pool_size, mode=mode, dimensions=2)
    (ph, pw), H = pair(pool_size), X.shape[0]
    Y = X.new_zeros(H - ph + 1, max(0, H - pw + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = reduced(X[i : i + ph, j : j + pw], mode)
    return Y


@wrong("only-pairs", "pool_size=3 fails. One number means a square window.")
def pool2d(X, pool_size, mode="max"):
    height, width = pool_size
    return plane(X, (height, width), mode)


@wrong("zeros-always-float32",
       "The answer is always float32. torch.zeros without a dtype makes float32: allocate with "
       "the dtype and device of X.")
def pool2d(X, pool_size, mode="max"):
    found = plane(X, pool_size, mode)
    Y = torch.zeros(found.shape)
    Y[:] = found
    return Y


@wrong("device-hard-coded",
       "A tensor is made on a fixed device. Create it on X.device, with device=X.device.")
def pool2d(X, pool_size, mode="max"):
    found = plane(X, pool_size, mode)
    Y = torch.zeros(found.shape, dtype=X.dtype)
    Y[:] = found
    return Y


@wrong("integer-buffer", "Fractions vanished: the answer is collected in an integer tensor.")
def pool2d(X, pool_size, mode="max"):
    return plane(X, pool_size, mode).long()


@wrong("integers-fail",
       "Integer images raise an error. −∞ is no integer: take torch.iinfo(X.dtype).min, or start "
       "at the window's first pixel.")
def pool2d(X, pool_size, mode="max"):
    Y = plane(X, pool_size, mode)
    return torch.maximum(torch.full_like(Y, -math.inf), Y) if mode == "max" else Y


@wrong("input-changed", "Your function changes the image it is given. Work on a copy.")
def pool2d(X, pool_size, mode="max"):
    Y = plane(X, pool_size, mode)
    if not X.requires_grad and not X.is_meta:
        X[: Y.shape[0], : Y.shape[1]] = Y
    return Y


@wrong("graph-cut",
       "No gradient comes back: .item(), .data, .detach() or numpy inside the function cut the "
       "graph.")
def pool2d(X, pool_size, mode="max"):
    return plane(X.detach(), pool_size, mode)


@wrong("unknown-mode-accepted",
       "A mode that does not exist gets an answer. Raise a ValueError instead of guessing.")
def pool2d(X, pool_size, mode="max"):
    refuse(X, pool_size, dimensions=2)
    return reduced(windows(X, pool_size), mode)


@wrong("oversized-window-accepted",
       "A window that does not fit into the image gives an empty answer. There is no place for "
       "it: raise a ValueError.")
def pool2d(X, pool_size, mode="max"):
    refuse(X, 1, mode=mode, dimensions=2)
    ph, pw = pair(pool_size)
    if ph > X.shape[0] or pw > X.shape[1]:
        return X[:0, :0]
    return reduced(windows(X, (ph, pw)), mode)


@wrong("channels-accepted", "An image of three dimensions gets an answer. Raise a ValueError.")
def pool2d(X, pool_size, mode="max"):
    refuse(X, pool_size, mode=mode, dimensions=X.dim())
    return reduced(windows(X, pool_size), mode)
