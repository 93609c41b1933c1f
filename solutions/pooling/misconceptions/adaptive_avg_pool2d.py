"""Adaptive average pooling: wrong ideas, as students would write them.

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


def averages(X, output_size, cut):
    """Averages over the windows that ``cut(n, o)`` gives for each axis: [(start, end), …]."""
    if X.dim() != 4 or min(pair(output_size)) < 1:
        raise ValueError("four dimensions and a positive output size are needed")
    (H, W), (oh, ow) = X.shape[2:], pair(output_size)
    rows = torch.stack([X[:, :, start:end].mean(2) for start, end in cut(H, oh)], 2)
    return torch.stack([rows[..., start:end].mean(3) for start, end in cut(W, ow)], 3)


def exact(n, o):
    return [(i * n // o, -(-(i + 1) * n // o)) for i in range(o)]


@wrong("one-kernel-for-all-windows",
       "All your windows have one size and one stride. They only can if the sizes divide: window i "
       "goes from ⌊i·n/o⌋ to ⌈(i+1)·n/o⌉.")
def adaptive_avg_pool2d(X, output_size):
    def cut(n, o):
        stride = n // o
        size = n - (o - 1) * stride
        return [(i * stride, i * stride + size) for i in range(o)]

    return averages(X, output_size, cut)


@wrong("windows-of-one-size",
       "Your windows start in the right places but all have the size ⌈n/o⌉. Window i ends at "
       "⌈(i+1)·n/o⌉, and some are larger.")
def adaptive_avg_pool2d(X, output_size):
    return averages(X, output_size, lambda n, o: [
        (i * n // o, i * n // o - (-n // o)) for i in range(o)])


@wrong("starts-rounded",
       "Starts are rounded to the nearest pixel, and all windows have the size ⌈n/o⌉. Window i "
       "goes from ⌊i·n/o⌋ to ⌈(i+1)·n/o⌉.")
def adaptive_avg_pool2d(X, output_size):
    def cut(n, o):
        size = -(-n // o)
        starts = [min(int(i * n / o + 0.5), n - size) for i in range(o)]
        return [(start, start + size) for start in starts]

    return averages(X, output_size, cut)


@wrong("ends-rounded-down",
       "Windows end at ⌊(i+1)·n/o⌋, where the next one starts, and may even be empty. Round the "
       "ends up: windows overlap.")
def adaptive_avg_pool2d(X, output_size):
    return averages(X, output_size, lambda n, o: [
        (i * n // o, (i + 1) * n // o) for i in range(o)])


@wrong("ends-rounded-down-after-one-pixel",
       "Windows end at ⌊(i+1)·n/o⌋, or after one pixel. Round the ends up: a pixel that a window "
       "touches in part belongs to it.")
def adaptive_avg_pool2d(X, output_size):
    return averages(X, output_size, lambda n, o: [
        (i * n // o, max((i + 1) * n // o, i * n // o + 1)) for i in range(o)])


@wrong("bounds-rounded",
       "Starts and ends are rounded to the nearest pixel. Starts are rounded down, ends up.")
def adaptive_avg_pool2d(X, output_size):
    return averages(X, output_size, lambda n, o: [
        (round(i * n / o), round((i + 1) * n / o)) for i in range(o)])


@wrong("rest-in-the-last-window",
       "All windows have the size ⌊n/o⌋ except the last, which takes the rest. Window i goes from "
       "⌊i·n/o⌋ to ⌈(i+1)·n/o⌉.")
def adaptive_avg_pool2d(X, output_size):
    def cut(n, o):
        size = max(1, n // o)
        starts = [min(i * size, n - 1) for i in range(o)]
        return [(start, n if i == o - 1 else start + size) for i, start in enumerate(starts)]

    return averages(X, output_size, cut)


@wrong("ends-included",
       "Every window is one pixel too long: ⌈(i+1)·n/o⌉ is the first pixel behind it.")
def adaptive_avg_pool2d(X, output_size):
    return averages(X, output_size, lambda n, o: [
        (start, end + 1) for start, end in exact(n, o)])


@wrong("bounds-in-floating-point",
       "Your bounds have rounding errors of floating-point division: 11 * (30 / 22) is less than "
       "15. Multiply first, and divide whole numbers with //.")
def adaptive_avg_pool2d(X, output_size):
    return averages(X, output_size, lambda n, o: [
        (math.floor(i * (n / o)), math.ceil((i + 1) * (n / o))) for i in range(o)])


@wrong("no-larger-than-the-image",
       "The answer is never larger than the image. The output size may be: pixels are then used "
       "more than once.")
def adaptive_avg_pool2d(X, output_size):
    oh, ow = pair(output_size)
    return averages(X, (min(oh, X.shape[-2]), min(ow, X.shape[-1])), exact)


@wrong("bilinear-resize",
       "You resized the image by interpolation. Adaptive pooling averages over whole windows.")
def adaptive_avg_pool2d(X, output_size):
    averages(X, output_size, exact)
    if X.is_meta or not len(X):
        return averages(X, output_size, exact)
    return F.interpolate(X, pair(output_size), mode="bilinear")


@wrong("nearest-pixel",
       "You picked one pixel of every window. Adaptive average pooling averages over all of them.")
def adaptive_avg_pool2d(X, output_size):
    return averages(X, output_size, lambda n, o: [
        (i * n // o, i * n // o + 1) for i in range(o)])


@wrong("maximum-for-average", "Your answer holds the maxima of the windows, not their averages.")
def adaptive_avg_pool2d(X, output_size):
    averages(X, output_size, exact)
    (H, W), (oh, ow) = X.shape[2:], pair(output_size)
    rows = torch.stack([X[:, :, start:end].amax(2) for start, end in exact(H, oh)], 2)
    return torch.stack([rows[..., start:end].amax(3) for start, end in exact(W, ow)], 3)


@wrong("divided-by-nominal-size",
       "Every sum is divided by (H/oh)·(W/ow). Divide by the pixels that the window really has.")
def adaptive_avg_pool2d(X, output_size):
    averages(X, output_size, exact)
    (H, W), (oh, ow) = X.shape[2:], pair(output_size)
    rows = torch.stack([X[:, :, start:end].sum(2) for start, end in exact(H, oh)], 2)
    sums = torch.stack([rows[..., start:end].sum(3) for start, end in exact(W, ow)], 3)
    return sums / (H / oh * W / ow)


@wrong("output-sizes-swapped", "Height and width of the output are swapped: (oh, ow).")
def adaptive_avg_pool2d(X, output_size):
    return averages(X, pair(output_size)[::-1], exact)


@wrong("adaptive-only-pairs", "output_size=3 fails. One number means a square output.")
def adaptive_avg_pool2d(X, output_size):
    height, width = output_size
    return averages(X, (height, width), exact)


@wrong("adaptive-always-float32",
       "The answer is always float32. torch.zeros without a dtype makes float32: allocate with "
       "the dtype and device of X.")
def adaptive_avg_pool2d(X, output_size):
    found = averages(X, output_size, exact)
    Y = torch.zeros(found.shape)
    Y[:] = found
    return Y


@wrong("adaptive-device-hard-coded",
       "A tensor is made on a fixed device. Create it on X.device, with device=X.device.")
def adaptive_avg_pool2d(X, output_size):
    found = averages(X, output_size, exact)
    Y = torch.zeros(found.shape, dtype=X.dtype)
    Y[:] = found
    return Y


@wrong("adaptive-graph-cut",
       "No gradient comes back: .item(), .data, .detach() or numpy inside the function cut the "
       "graph.")
def adaptive_avg_pool2d(X, output_size):
    return averages(X.detach(), output_size, exact)


@wrong("adaptive-view-of-a-view",
       "Your function fails on images that are not contiguous in memory. Use reshape, not view.")
def adaptive_avg_pool2d(X, output_size):
    averages(X, output_size, exact)
    Y = averages(X.view(1, -1, *X.shape[2:]), output_size, exact)
    return Y.reshape(*X.shape[:2], *Y.shape[2:])


@wrong("adaptive-empty-batch-fails",
       "A batch without images raises an error: torch.stack and torch.cat need at least one.")
def adaptive_avg_pool2d(X, output_size):
    averages(X, output_size, exact)
    return torch.cat([averages(image[None], output_size, exact) for image in X])


@wrong("empty-output-accepted", "An output without rows or columns is accepted. Refuse it.")
def adaptive_avg_pool2d(X, output_size):
    if min(pair(output_size)) < 1:
        return X[:, :, :0, :0]
    return averages(X, output_size, exact)


@wrong("adaptive-plane-accepted",
       "An image of two dimensions gets an answer. Pooling takes (N, C, H, W): raise a ValueError.")
def adaptive_avg_pool2d(X, output_size):
    return averages(X, output_size, exact) if X.dim() == 4 else averages(
        X[None, None], output_size, exact)[0, 0]
