"""Wrong ideas about col2im that students have, as they would write them.

The helpers are right, so that every misconception holds one wrong idea and no other.
"""

import torch
import torch.nn.functional as F

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def both(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def scattered(columns, size, kernel, stride=1, padding=0):
    """The right col2im."""
    (H, W), (kh, kw), (sh, sw), (ph, pw) = both(size), both(kernel), both(stride), both(padding)
    height, width = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    if columns.shape[2] != height * width or height < 1 or width < 1:
        raise ValueError("not one column for every window")
    columns = columns.reshape(len(columns), columns.shape[1] // (kh * kw), kh, kw, height, width)
    image = columns.new_zeros(*columns.shape[:2], H + 2 * ph, W + 2 * pw)
    for a in range(kh):
        for c in range(kw):
            image[:, :, a : a + sh * height : sh, c : c + sw * width : sw] += columns[:, :, a, c]
    return image[:, :, ph : ph + H, pw : pw + W]


@wrong(
    "last-window-wins",
    "Where windows overlap, only the last one is kept. Add them up: +=, not =.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    scattered(columns, size, kernel, stride, padding)
    (H, W), (kh, kw), (sh, sw), (ph, pw) = both(size), both(kernel), both(stride), both(padding)
    height, width = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    columns = columns.reshape(len(columns), columns.shape[1] // (kh * kw), kh, kw, height, width)
    image = columns.new_zeros(*columns.shape[:2], H + 2 * ph, W + 2 * pw)
    for i in range(height):
        for j in range(width):
            image[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] = columns[..., i, j]
    return image[:, :, ph : ph + H, pw : pw + W]


@wrong(
    "last-weight-wins",
    "Where windows overlap, only one value is kept. Add them up: +=, not =.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    scattered(columns, size, kernel, stride, padding)
    (H, W), (kh, kw), (sh, sw), (ph, pw) = both(size), both(kernel), both(stride), both(padding)
    height, width = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    columns = columns.reshape(len(columns), columns.shape[1] // (kh * kw), kh, kw, height, width)
    image = columns.new_zeros(*columns.shape[:2], H + 2 * ph, W + 2 * pw)
    for a in range(kh):
        for c in range(kw):
            image[:, :, a : a + sh * height : sh, c : c + sw * width : sw] = columns[:, :, a, c]
    return image[:, :, ph : ph + H, pw : pw + W]


@wrong(
    "overlaps-averaged",
    "Where windows overlap, their values are averaged, which would undo im2col. The adjoint adds "
    "them up.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    counts = scattered(torch.ones_like(columns), size, kernel, stride, padding)
    total = scattered(columns, size, kernel, stride, padding)
    return (total / counts.clamp(min=1)).to(columns.dtype)


@wrong(
    "padding-not-cropped",
    "The padding is still around your answer. Crop it: the answer has the size that was asked for.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    scattered(columns, size, kernel, stride, padding)
    (H, W), (ph, pw) = both(size), both(padding)
    return scattered(columns, (H + 2 * ph, W + 2 * pw), kernel, stride)


@wrong(
    "cropped-at-the-end-only",
    "The padding is cropped at the bottom and right only. The image starts behind the padding.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    scattered(columns, size, kernel, stride, padding)
    (H, W), (ph, pw) = both(size), both(padding)
    return scattered(columns, (H + 2 * ph, W + 2 * pw), kernel, stride)[:, :, :H, :W]


@wrong(
    "crop-of-zero-is-empty",
    "Without padding the answer is empty: image[p:-p] with p = 0 is image[0:0]. Crop with p:p + H.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    scattered(columns, size, kernel, stride, padding)
    (H, W), (ph, pw) = both(size), both(padding)
    image = scattered(columns, (H + 2 * ph, W + 2 * pw), kernel, stride)
    return image[:, :, ph:-ph, pw:-pw]


@wrong(
    "columns-placed-without-stride",
    "The columns are put side by side, as if the stride were 1. Window i starts at row i·stride.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    scattered(columns, size, kernel, stride, padding)
    (H, W), (kh, kw), (sh, sw), (ph, pw) = both(size), both(kernel), both(stride), both(padding)
    height, width = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    small = scattered(columns, (height + kh - 1, width + kw - 1), kernel)
    whole = F.pad(small, (0, W + 2 * pw - width - kw + 1, 0, H + 2 * ph - height - kh + 1))
    return whole[:, :, ph : ph + H, pw : pw + W]


@wrong(
    "image-only-as-large-as-its-windows",
    "The answer ends where the last window ends. It has the size that was asked for, with zeros "
    "where no window was.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    image = scattered(columns, size, kernel, stride, padding)
    (H, W), (kh, kw), (sh, sw), (ph, pw) = both(size), both(kernel), both(stride), both(padding)
    seen_h = (H + 2 * ph - kh) // sh * sh + kh
    seen_w = (W + 2 * pw - kw) // sw * sw + kw
    return image[:, :, : seen_h - ph, : seen_w - pw]


@wrong(
    "windows-turned",
    "Within each window rows and columns are swapped. A column holds its window row by row.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    kh, kw = both(kernel)
    scattered(columns, size, kernel, stride, padding)
    N, K, L = columns.shape
    turned = columns.reshape(N, K // (kh * kw), kw, kh, L).transpose(2, 3).reshape(N, K, L)
    return scattered(turned, size, kernel, stride, padding)


@wrong(
    "channels-read-last",
    "The columns are read with the channels last. They are ordered by channel first.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    kh, kw = both(kernel)
    N, K, L = columns.shape
    mixed = columns.reshape(N, kh * kw, K // (kh * kw), L).transpose(1, 2).reshape(N, K, L)
    return scattered(mixed, size, kernel, stride, padding)


@wrong(
    "windows-mirrored",
    "Each window is put back turned by 180°. The adjoint puts every number back where im2col took "
    "it from.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    kh, kw = both(kernel)
    N, K, L = columns.shape
    mirrored = columns.reshape(N, K // (kh * kw), kh * kw, L).flip(2).reshape(N, K, L)
    return scattered(mirrored, size, kernel, stride, padding)


@wrong(
    "places-read-down",
    "The columns are laid down the image first. Column number i·W' + j belongs to the place "
    "(i, j).",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    (H, W), (kh, kw), (sh, sw), (ph, pw) = both(size), both(kernel), both(stride), both(padding)
    scattered(columns, size, kernel, stride, padding)
    height, width = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    N, K, L = columns.shape
    down = columns.reshape(N, K, width, height).transpose(2, 3).reshape(N, K, L)
    return scattered(down, size, kernel, stride, padding)


@wrong(
    "image-in-float32",
    "The answer is always float32. torch.zeros without a dtype makes float32: allocate with the "
    "dtype and device of the columns.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    right = scattered(columns, size, kernel, stride, padding)
    image = torch.zeros(right.shape)
    image += right
    return image


@wrong(
    "image-on-a-fixed-device",
    "A tensor is made on a fixed device. Create it on columns.device.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    right = scattered(columns, size, kernel, stride, padding)
    return right + torch.zeros(right.shape, dtype=right.dtype)


@wrong(
    "image-through-numpy",
    "No gradient comes back: numpy, .data or .detach() inside the function cut the graph.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    return scattered(columns.detach(), size, kernel, stride, padding)


@wrong(
    "columns-viewed",
    "It fails for columns that are not contiguous in memory: use reshape, not view.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    scattered(columns, size, kernel, stride, padding)
    flat = columns.view(-1, columns.shape[2])
    return scattered(flat.view(columns.shape), size, kernel, stride, padding)


@wrong(
    "columns-changed",
    "Your function changes the columns it is given. Work on a copy.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    image = scattered(columns, size, kernel, stride, padding)
    if not columns.requires_grad and not columns.is_meta:
        columns.mul_(2)
    return image


@wrong(
    "whole-images-unsupported",
    "It fails for integer tensors. Allocate with the dtype of the columns, and use operations "
    "that take integers too.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    if not columns.is_floating_point():
        raise RuntimeError("not implemented for 'Long'")
    return scattered(columns, size, kernel, stride, padding)


@wrong(
    "no-images-no-answer",
    "It fails for an empty batch: reshape(0, -1, …) cannot tell how many channels there are. "
    "Compute C as C·kh·kw // (kh·kw).",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    kh, kw = both(kernel)
    columns.reshape(columns.shape[0], -1, kh, kw, columns.shape[2])
    return scattered(columns, size, kernel, stride, padding)


@wrong(
    "surplus-columns-dropped",
    "Columns that no window belongs to are dropped silently, or missing ones taken as zeros. There "
    "has to be one column for every window: raise a ValueError.",
)
def col2im(columns, size, kernel, stride=1, padding=0):
    (H, W), (kh, kw), (sh, sw), (ph, pw) = both(size), both(kernel), both(stride), both(padding)
    L = ((H + 2 * ph - kh) // sh + 1) * ((W + 2 * pw - kw) // sw + 1)
    if L < 1:
        return columns.new_zeros(columns.shape[0], columns.shape[1] // (kh * kw), H, W)
    fitting = F.pad(columns, (0, L - columns.shape[2]))
    return scattered(fitting, size, kernel, stride, padding)
