"""Wrong ideas about im2col that students have, as they would write them.

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


def as_columns(windows):
    N, C, height, width, kh, kw = windows.shape
    return windows.permute(0, 1, 4, 5, 2, 3).reshape(N, C * kh * kw, height * width)


@wrong(
    "windows-as-rows",
    "Your answer is transposed: a window is a column of the answer, which is (N, C·kh·kw, L).",
)
def im2col(X, kernel, stride=1, padding=0):
    return as_columns(windows_of(X, kernel, stride, padding)).transpose(1, 2)


@wrong(
    "channels-inside-windows",
    "Within a column the channels come last. Order it as W.reshape(C_out, -1) is ordered: channel, "
    "then kernel row, then kernel column.",
)
def im2col(X, kernel, stride=1, padding=0):
    windows = windows_of(X, kernel, stride, padding)
    return windows.permute(0, 4, 5, 1, 2, 3).reshape(as_columns(windows).shape)


@wrong(
    "windows-read-down",
    "Each window is read column by column. Read it row by row, as reshape does.",
)
def im2col(X, kernel, stride=1, padding=0):
    return as_columns(windows_of(X, kernel, stride, padding).transpose(4, 5))


@wrong(
    "places-counted-down",
    "The places are counted down the image first. Column number i·W' + j belongs to the place "
    "(i, j).",
)
def im2col(X, kernel, stride=1, padding=0):
    return as_columns(windows_of(X, kernel, stride, padding).transpose(2, 3))


@wrong(
    "reshape-without-permute",
    "The windows are reshaped without moving the kernel's axes forward. A reshape is not a "
    "transpose: permute to (N, C, kh, kw, H', W') first.",
)
def im2col(X, kernel, stride=1, padding=0):
    windows = windows_of(X, kernel, stride, padding)
    return windows.reshape(as_columns(windows).shape)


@wrong(
    "stride-ignored",
    "The stride is accepted and ignored: every place has a window.",
)
def im2col(X, kernel, stride=1, padding=0):
    if min(both(stride)) < 1:
        raise ValueError("stride")
    return as_columns(windows_of(X, kernel, 1, padding))


@wrong(
    "stride-in-the-size-only",
    "The stride is in the number of windows only; they still stand side by side. Window i starts "
    "at row i·stride.",
)
def im2col(X, kernel, stride=1, padding=0):
    height, width = windows_of(X, kernel, stride, padding).shape[2:4]
    return as_columns(windows_of(X, kernel, 1, padding)[:, :, :height, :width])


@wrong(
    "first-stride-for-both-axes",
    "The stride of the height is used for the width too. The width has stride[1].",
)
def im2col(X, kernel, stride=1, padding=0):
    return as_columns(windows_of(X, kernel, both(stride)[0], padding))


@wrong(
    "strides-swapped",
    "The two strides are swapped: stride[0] belongs to the height.",
)
def im2col(X, kernel, stride=1, padding=0):
    return as_columns(windows_of(X, kernel, both(stride)[::-1], padding))


@wrong(
    "stride-defaults-to-the-window",
    "Without a stride your windows stand side by side, as in pooling. The default stride is 1.",
)
def im2col(X, kernel, stride=None, padding=0):
    return as_columns(windows_of(X, kernel, kernel if stride is None else stride, padding))


@wrong("padding-ignored", "The padding is accepted and ignored.")
def im2col(X, kernel, stride=1, padding=0):
    surrounded(X, padding)
    (kh, kw), (ph, pw) = both(kernel), both(padding)
    if kh > X.shape[2] + 2 * ph or kw > X.shape[3] + 2 * pw:
        raise ValueError("oversized")
    return as_columns(windows_of(X, kernel, stride, 0))


@wrong(
    "paddings-swapped",
    "The paddings of height and width are swapped: F.pad starts from the last dimension.",
)
def im2col(X, kernel, stride=1, padding=0):
    windows_of(X, kernel, stride, padding)
    return as_columns(windows_of(X, kernel, stride, both(padding)[::-1]))


@wrong("padding-on-one-side", "Padding is added at the top and left only. Pad both sides.")
def im2col(X, kernel, stride=1, padding=0):
    windows_of(X, kernel, stride, padding)
    ph, pw = both(padding)
    return as_columns(windows_of(F.pad(X, (pw, 0, ph, 0)), kernel, stride))


@wrong(
    "border-repeated",
    "The padding repeats the border's pixels. Zero padding means zeros.",
)
def im2col(X, kernel, stride=1, padding=0):
    surrounded(X, padding)
    ph, pw = both(padding)
    kind = X.dtype if X.is_floating_point() else torch.float64
    padded = F.pad(X.to(kind), (pw, pw, ph, ph), mode="replicate") if ph or pw else X
    return as_columns(windows_of(padded.to(X.dtype), kernel, stride))


@wrong(
    "partial-windows-kept",
    "There are windows that stick out at the end. Round the number of places down.",
)
def im2col(X, kernel, stride=1, padding=0):
    windows_of(X, kernel, stride, padding)
    (kh, kw), (sh, sw), X = both(kernel), both(stride), surrounded(X, padding)
    X = F.pad(X, (0, -(X.shape[3] - kw) % sw, 0, -(X.shape[2] - kh) % sh))
    return as_columns(windows_of(X, kernel, stride))


@wrong(
    "square-windows",
    "The window is a square of the kernel's height. Its width is kernel[1].",
)
def im2col(X, kernel, stride=1, padding=0):
    windows_of(X, kernel, stride, padding)
    return as_columns(windows_of(X, both(kernel)[0], stride, padding))


@wrong(
    "square-image",
    "The number of windows in a row is computed from the height. The width is shape[3].",
)
def im2col(X, kernel, stride=1, padding=0):
    windows = windows_of(X, kernel, stride, padding)
    return as_columns(windows[:, :, :, : windows.shape[2]])


@wrong(
    "contiguous-memory-assumed",
    "The strides in memory are computed from the shape. A transposed view has others: ask "
    "X.stride(), or call X.contiguous() first.",
)
def im2col(X, kernel, stride=1, padding=0):
    windows_of(X, kernel, stride, padding)
    (kh, kw), (sh, sw), (ph, pw) = both(kernel), both(stride), both(padding)
    padded = F.pad(X, (pw, pw, ph, ph)) if ph or pw else X
    N, C, H, W = padded.shape
    windows = padded.as_strided(
        (N, C, (H - kh) // sh + 1, (W - kw) // sw + 1, kh, kw), (C * H * W, H * W, sh * W, sw, W, 1)
    )
    return as_columns(windows)


@wrong(
    "columns-in-float32",
    "The answer is always float32. torch.zeros without a dtype makes float32: allocate with the "
    "dtype and device of X.",
)
def im2col(X, kernel, stride=1, padding=0):
    windows = windows_of(X, kernel, stride, padding)
    N, C, height, width, kh, kw = windows.shape
    columns = torch.zeros(N, C, kh, kw, height, width)
    for a in range(kh):
        for c in range(kw):
            columns[:, :, a, c] = windows[..., a, c]
    return columns.reshape(N, C * kh * kw, height * width)


@wrong(
    "columns-on-a-fixed-device",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def im2col(X, kernel, stride=1, padding=0):
    columns = as_columns(windows_of(X, kernel, stride, padding))
    return columns + torch.zeros(columns.shape, dtype=X.dtype)


@wrong(
    "columns-through-numpy",
    "No gradient comes back: numpy, .data or .detach() inside the function cut the graph.",
)
def im2col(X, kernel, stride=1, padding=0):
    windows = windows_of(X, kernel, stride, padding).detach()
    return as_columns(windows)


@wrong(
    "image-changed",
    "Your function changes the image it is given. Work on a copy: the caller still needs it.",
)
def im2col(X, kernel, stride=1, padding=0):
    columns = as_columns(windows_of(X, kernel, stride, padding))
    if not X.requires_grad and not X.is_meta:
        columns = columns.clone()
        X.zero_()
    return columns


@wrong(
    "no-window-accepted",
    "A window that does not fit gives an empty answer. There is no valid window: raise a "
    "ValueError.",
)
def im2col(X, kernel, stride=1, padding=0):
    (kh, kw), padded = both(kernel), surrounded(X, padding)
    if kh > padded.shape[2] or kw > padded.shape[3]:
        return X.new_zeros(X.shape[0], X.shape[1] * kh * kw, 0)
    return as_columns(windows_of(X, kernel, stride, padding))


@wrong(
    "negative-numbers-accepted",
    "A negative padding crops the image silently, or a negative stride is accepted. Raise a "
    "ValueError.",
)
def im2col(X, kernel, stride=1, padding=0):
    ph, pw = both(padding)
    if X.dim() != 4:
        raise ValueError("not (N, C, H, W)")
    return as_columns(windows_of(F.pad(X, (pw, pw, ph, ph)), kernel, stride))


@wrong(
    "empty-batch-stacked",
    "Images are handled one by one and stacked, which fails when there is none. Handle the whole "
    "batch at once.",
)
def im2col(X, kernel, stride=1, padding=0):
    return torch.stack(
        [as_columns(windows_of(x[None], kernel, stride, padding))[0] for x in X]
    )


@wrong(
    "loop-over-windows",
    "A Python loop visits every place of the window. Take all windows at once, or loop over the "
    "kernel's weights instead.",
)
def im2col(X, kernel, stride=1, padding=0):
    (kh, kw), (sh, sw), X = both(kernel), both(stride), surrounded(X, padding)
    N, C, H, W = X.shape
    if sh < 1 or sw < 1 or kh > H or kw > W:
        raise ValueError("stride or kernel")
    columns = [
        X[:, :, i : i + kh, j : j + kw].reshape(N, C * kh * kw)
        for i in range(0, H - kh + 1, sh)
        for j in range(0, W - kw + 1, sw)
    ]
    return torch.stack(columns, dim=2)


@wrong(
    "loop-over-rows",
    "A Python loop visits every row of places. Take all windows at once, or loop over the kernel's "
    "weights instead.",
)
def im2col(X, kernel, stride=1, padding=0):
    windows = windows_of(X, kernel, stride, padding)
    rows = [as_columns(windows[:, :, i : i + 1]) for i in range(windows.shape[2])]
    return torch.cat(rows, dim=2)
