"""Wrong ideas about pooling that students have, as they would write them.

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


def averages(X, output_size, cut):
    """Averages over the windows that ``cut(n, o)`` gives for each axis: [(start, end), …]."""
    if X.dim() != 4 or min(pair(output_size)) < 1:
        raise ValueError("four dimensions and a positive output size are needed")
    (H, W), (oh, ow) = X.shape[2:], pair(output_size)
    rows = torch.stack([X[:, :, start:end].mean(2) for start, end in cut(H, oh)], 2)
    return torch.stack([rows[..., start:end].mean(3) for start, end in cut(W, ow)], 3)


def exact(n, o):
    return [(i * n // o, -(-(i + 1) * n // o)) for i in range(o)]


# ---------------------------------------------------------------- pool2d


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


# ---------------------------------------------------------------- pool2d_full


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
    return full(X, kernel, None, padding, mode, count_include_pad)


@wrong("stride-only-in-the-size",
       "The answer has the right size, but its windows start at 0, 1, 2, … Window i starts at i·s.")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    H, W = full(X, kernel, stride, padding, mode, count_include_pad).shape[2:]
    return full(X, kernel, 1, padding, mode, count_include_pad)[:, :, :H, :W]


@wrong("first-stride-for-both",
       "The vertical stride is used in both directions. The width goes by stride[1].")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
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


# ---------------------------------------------------------------- adaptive_avg_pool2d


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


# ---------------------------------------------------------------- global_avg_pool2d


def batch(X):
    """Right refusals."""
    if X.dim() != 4:
        raise ValueError("four dimensions are needed")
    return X


@wrong("dimensions-kept",
       "Your answer has the shape (N, C, 1, 1). A single number for every channel has (N, C).")
def global_avg_pool2d(X):
    return batch(X).mean((2, 3), keepdim=True)


@wrong("batch-averaged",
       "The batch is averaged too. Every image has averages of its own: the answer is (N, C).")
def global_avg_pool2d(X):
    return batch(X).mean((0, 2, 3))


@wrong("channels-averaged",
       "The channels are averaged, and the pixels are left. Global pooling averages over the "
       "pixels: dimensions 2 and 3.")
def global_avg_pool2d(X):
    return batch(X).mean(1)


@wrong("channels-last-assumed",
       "You averaged over dimensions 1 and 2. In torch the channels come before height and width: "
       "(N, C, H, W).")
def global_avg_pool2d(X):
    return batch(X).mean((1, 2))


@wrong("square-assumed", "Your sums are divided by H·H. An image has H·W pixels.")
def global_avg_pool2d(X):
    return batch(X).sum((2, 3)) / X.shape[2] ** 2


@wrong("global-sum", "Your answer is a sum: divide by the number of pixels, H·W.")
def global_avg_pool2d(X):
    return batch(X).sum((2, 3))


@wrong("global-maximum", "Your answer holds the maxima of the channels, not their averages.")
def global_avg_pool2d(X):
    return batch(X).amax((2, 3))


@wrong("squeezed",
       "squeeze() removes every dimension of size one, the batch and the channels too. Name the "
       "dimensions you average over.")
def global_avg_pool2d(X):
    return batch(X).mean((2, 3), keepdim=True).squeeze()


@wrong("global-always-float32",
       "The answer is always float32. torch.zeros without a dtype makes float32: allocate with "
       "the dtype and device of X.")
def global_avg_pool2d(X):
    Y = torch.zeros(batch(X).shape[:2])
    Y[:] = X.mean((2, 3))
    return Y


@wrong("global-device-hard-coded",
       "A tensor is made on a fixed device. Create it on X.device, with device=X.device.")
def global_avg_pool2d(X):
    Y = torch.zeros(batch(X).shape[:2], dtype=X.dtype)
    Y[:] = X.mean((2, 3))
    return Y


@wrong("global-graph-cut",
       "No gradient comes back: .item(), .data, .detach() or numpy inside the function cut the "
       "graph.")
def global_avg_pool2d(X):
    return batch(X).detach().mean((2, 3))


@wrong("global-through-numpy",
       "X.numpy() fails as soon as X requires a gradient. Stay with torch's own functions.")
def global_avg_pool2d(X):
    return torch.tensor(batch(X).numpy().mean(axis=(2, 3)))


@wrong("global-input-changed", "Your function changes the image it is given. Work on a copy.")
def global_avg_pool2d(X):
    Y = batch(X).mean((2, 3))
    if not X.requires_grad and not X.is_meta:
        X /= 2
    return Y


@wrong("global-view-of-a-view",
       "Your function fails on images that are not contiguous in memory. Use reshape, not view.")
def global_avg_pool2d(X):
    return batch(X).view(X.shape[0], X.shape[1], X.shape[2] * X.shape[3]).mean(2)


@wrong("global-empty-batch-fails",
       "A batch without images raises an error: torch.stack and torch.cat need at least one.")
def global_avg_pool2d(X):
    return torch.stack([image.mean((1, 2)) for image in batch(X)])


@wrong("global-plane-accepted",
       "An image of two dimensions gets an answer. Pooling takes (N, C, H, W): raise a ValueError.")
def global_avg_pool2d(X):
    return X.mean((-2, -1))


# ---------------------------------------------------------------- pool_output_size


def places(n, k, stride, padding=0, ceil_mode=False):
    """The right number of windows."""
    if k < 1 or stride < 1 or padding < 0 or k > n + 2 * padding:
        raise ValueError("no window has a place")
    free = n + 2 * padding - k
    if not ceil_mode:
        return free // stride + 1
    last = -(-free // stride)
    return last if last * stride >= n + padding else last + 1


@wrong("ceil-formula-taken-literally",
       "⌈(n + 2p − k)/s⌉ + 1 can be one too many: a window that would start behind the image, in "
       "the padding on the right, does not count.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    places(n, k, stride, padding)
    return -(-(n + 2 * padding - k) // stride) + 1 if ceil_mode else places(n, k, stride, padding)


@wrong("ceil-mode-ignored", "ceil_mode changes nothing: round up when it is true.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    return places(n, k, stride, padding)


@wrong("always-rounded-up", "You always round up. Without ceil_mode sizes are rounded down.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    return places(n, k, stride, padding, True)


@wrong("ceil-mode-by-default", "Without ceil_mode you round up. Its default is False.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=True):
    return places(n, k, stride, padding, ceil_mode)


@wrong("left-padding-forgotten",
       "The last window may start in the padding on the left too: its start counts from the "
       "padding's first element, so compare it with n + p and not with n.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    size = places(n, k, stride, padding)
    free = n + 2 * padding - k
    if ceil_mode:
        size = -(-free // stride) + 1
        if (size - 1) * stride >= n:
            size -= 1
    return size


@wrong("last-start-one-too-far",
       "A window that starts exactly at n + p lies behind the image. Compare with ≥, not with >.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    size = places(n, k, stride, padding)
    if ceil_mode:
        size = -(-(n + 2 * padding - k) // stride) + 1
        if (size - 1) * stride > n + padding:
            size -= 1
    return size


@wrong("padding-is-a-total", "Padding is counted once. It is added on each side: n + 2p.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    places(n, k, stride, padding)
    free = n + padding - k
    return (-(-free // stride) if ceil_mode else free // stride) + 1


@wrong("size-padding-ignored", "The padding is ignored. It adds p places on each side: n + 2p.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    places(n, k, stride, padding)
    free = n - k
    last = -(-free // stride) if ceil_mode else free // stride
    return last if ceil_mode and last * stride >= n else last + 1


@wrong("one-added-before-dividing",
       "You add one before dividing. Divide by the stride, round, then add one.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    if ceil_mode:
        return places(n, k, stride, padding, ceil_mode)
    places(n, k, stride, padding)
    return (n + 2 * padding - k + 1) // stride


@wrong("gaps-counted", "You count the steps between windows. The first window counts too: add one.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    return places(n, k, stride, padding, ceil_mode) - 1


@wrong("n-over-s", "n/s is the size only for one special padding. The kernel counts too.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    places(n, k, stride, padding)
    return -(-n // stride) if ceil_mode else n // stride


@wrong("stride-is-the-kernel", "The stride is ignored: you divide by the kernel's size.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    places(n, k, stride, padding)
    return places(n, k, k, padding, ceil_mode)


@wrong("size-as-a-float", "The size is a float. Divide with //, or convert with int.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    return float(places(n, k, stride, padding, ceil_mode))


@wrong("oversized-kernel-counted",
       "A kernel larger than the padded image gets a size of zero or less. Raise a ValueError.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    if k > n + 2 * padding and not ceil_mode:
        return (n + 2 * padding - k) // stride + 1
    return places(n, k, stride, padding, ceil_mode)


@wrong("negative-numbers-accepted",
       "A negative stride or padding gets an answer. Raise a ValueError.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    if stride < 0 or padding < 0:
        return (n + 2 * padding - k) // stride + 1
    return places(n, k, stride, padding, ceil_mode)
