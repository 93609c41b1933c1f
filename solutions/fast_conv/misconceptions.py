"""Wrong ideas about fast convolution that students have, as they would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. The helpers on
top are right, so that every misconception holds one wrong idea and no other.
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


def convolved(X, W, b=None, stride=1, padding=0, dilation=1):
    if W.dim() != 4 or X.shape[1] != W.shape[1]:
        raise ValueError("channels differ")
    Y = torch.einsum("nchwab,ocab->nohw", windows_of(X, W.shape[2:], stride, padding, dilation), W)
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


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


# ---------------------------------------------------------------- im2col


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


# ---------------------------------------------------------------- conv2d_fast


@wrong(
    "kernel-flipped",
    "That is true convolution. Deep learning does not flip the kernel.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X, W.flip(2, 3), b, stride, padding)


@wrong(
    "weights-scrambled",
    "The weights are reshaped to (C·kh·kw, C_out), which mixes the kernels. Reshape to "
    "(C_out, -1); a reshape is not a transpose.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X, W.reshape(-1, W.shape[0]).T.reshape(W.shape), b, stride, padding)


@wrong(
    "weights-in-another-order",
    "The weights are flattened with the channels last. Rows of im2col and columns of the weight "
    "matrix must have one order: channel, kernel row, kernel column.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    mixed = W.permute(0, 2, 3, 1).reshape(W.shape)
    return convolved(X, mixed, b, stride, padding)


@wrong(
    "output-channels-last",
    "The product is reshaped with the output channels last. (N, L, C_out) needs a transpose, not a "
    "reshape, to become (N, C_out, H', W').",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, b, stride, padding)
    return Y.permute(0, 2, 3, 1).reshape(Y.shape)


@wrong(
    "batch-and-channels-mixed",
    "All images are multiplied at once, and the product (C_out, N·L) is reshaped to (N, C_out, …) "
    "without bringing the batch to the front.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, b, stride, padding)
    return Y.transpose(0, 1).reshape(Y.shape)


@wrong(
    "rows-and-columns-swapped",
    "The columns are folded to (W', H') instead of (H', W'): height first.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, b, stride, padding)
    return Y.reshape(*Y.shape[:2], Y.shape[3], Y.shape[2])


@wrong("bias-forgotten", "The bias is not added: b has one number for each output channel.")
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X, W, None, stride, padding)


@wrong(
    "bias-along-the-width",
    "The bias is added along the last dimension. Reshape it to (1, C_out, 1, 1).",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, None, stride, padding)
    return Y if b is None else Y + b


@wrong(
    "one-bias-for-all",
    "All output channels get the same bias. Channel o gets b[o].",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, None, stride, padding)
    return Y if b is None else Y + b.sum()


@wrong(
    "bias-for-every-weight",
    "The bias is added once for every weight of the kernel. Add it once, at the end.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X, W, None if b is None else b * W[0, 0].numel(), stride, padding)


@wrong(
    "bias-required",
    "Without a bias it fails. b=None means that there is none.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X, W, None, stride, padding) + b.reshape(1, -1, 1, 1)


@wrong("first-channel-only", "Only the first input channel is used. Sum over all of them.")
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X, W, b, stride, padding) * 0 + convolved(
        X[:, :1], W[:, :1], b, stride, padding
    )


@wrong(
    "channels-averaged",
    "The input channels are averaged. A convolution sums over them.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, None, stride, padding) / X.shape[1]
    Y = Y.to(X.dtype)
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "convolution-ignores-the-stride",
    "The stride is accepted and ignored.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    if min(both(stride)) < 1:
        raise ValueError("stride")
    return convolved(X, W, b, 1, padding)


@wrong(
    "convolution-ignores-the-padding",
    "The padding is accepted and ignored.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    windows_of(X, W.shape[2:], stride, padding)
    return convolved(X, W, b, stride, 0)


@wrong(
    "padding-counted-as-a-total",
    "The padding is shared between the two sides. It is added on each side.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    windows_of(X, W.shape[2:], stride, padding)
    ph, pw = both(padding)
    padded = F.pad(X, (pw // 2, pw - pw // 2, ph // 2, ph - ph // 2))
    return convolved(padded, W, b, stride, 0)


@wrong(
    "convolution-in-float32",
    "The answer is always float32. Allocate and compute with the dtype of X.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X, W, b, stride, padding).to(
        torch.float32 if X.device.type == "cpu" else X.dtype
    )


@wrong(
    "whole-numbers-unsupported",
    "It fails for whole numbers: F.unfold, for one, knows floating-point tensors only.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    if not X.is_floating_point():
        raise RuntimeError("not implemented for 'Long'")
    return convolved(X, W, b, stride, padding)


@wrong(
    "convolution-on-a-fixed-device",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, b, stride, padding)
    return Y + torch.zeros(Y.shape, dtype=X.dtype)


@wrong(
    "convolution-cuts-the-graph",
    "No gradient comes back: numpy, .data, .item() or .detach() inside the function cut the graph.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X.detach(), W.detach(), None if b is None else b.detach(), stride, padding)


@wrong(
    "kernels-changed",
    "Your function changes the kernels it is given. Work on a copy.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, b, stride, padding)
    if not W.requires_grad and not W.is_meta:
        W.add_(1)
    return Y


@wrong(
    "oversized-kernel-accepted",
    "A kernel that does not fit gives an empty answer. There is no valid window: raise a "
    "ValueError.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    padded = surrounded(X, padding)
    if W.shape[2] > padded.shape[2] or W.shape[3] > padded.shape[3]:
        return X.new_zeros(X.shape[0], W.shape[0], 0, 0)
    return convolved(X, W, b, stride, padding)


@wrong(
    "mismatched-channels-accepted",
    "Channels that do not match are dropped or repeated silently. Compare the numbers of channels "
    "first.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    C = min(X.shape[1], W.shape[1])
    return convolved(X[:, :C], W[:, :C], b, stride, padding)


@wrong(
    "negative-padding-crops",
    "A negative padding crops the image silently, or a negative stride is accepted. Raise a "
    "ValueError.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    ph, pw = both(padding)
    return convolved(F.pad(X, (pw, pw, ph, ph)), W, b, stride)


@wrong(
    "loop-over-output-pixels",
    "A Python loop visits every output pixel. One matrix product answers all of them.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    windows = windows_of(X, W.shape[2:], stride, padding)
    Y = convolved(X, W, b, stride, padding).clone()
    for i in range(Y.shape[2]):
        for j in range(Y.shape[3]):
            Y[:, :, i, j] = torch.einsum("ncab,ocab->no", windows[:, :, i, j], W)
            if b is not None:
                Y[:, :, i, j] += b
    return Y


@wrong(
    "batch-stacked",
    "Images are handled one by one and stacked, which fails when there is none. Handle the whole "
    "batch at once.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return torch.stack([convolved(x[None], W, b, stride, padding)[0] for x in X])


# ---------------------------------------------------------------- col2im


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
    "It fails for whole numbers. Allocate with the dtype of the columns, and use operations that "
    "know whole numbers too.",
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


# ---------------------------------------------------------------- conv2d_backward


def parts(grad, X, W, stride=1, padding=0):
    """The right (dX, dW, db)."""
    windows = windows_of(X, W.shape[2:], stride, padding)
    if X.shape[1] != W.shape[1] or grad.shape != (len(X), len(W), *windows.shape[2:4]):
        raise ValueError("grad or channels do not fit")
    dW = torch.einsum("nohw,nchwab->ocab", grad, windows)
    columns = torch.einsum("nohw,ocab->ncabhw", grad, W).flatten(4).reshape(
        len(X), W[0].numel(), windows.shape[2] * windows.shape[3]
    )
    dX = scattered(columns, X.shape[2:], W.shape[2:], stride, padding)
    return dX, dW, grad.sum((0, 2, 3))


@wrong(
    "kernel-turned-for-dx",
    "dX is made with the kernel turned by 180°. Scattering uses the kernel as the forward pass "
    "did; only a correlation with the padded gradient needs the turned one.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    _, dW, db = parts(grad, X, W, stride, padding)
    return parts(grad, X, W.flip(2, 3), stride, padding)[0], dW, db


@wrong(
    "dw-turned",
    "dW comes out turned by 180°: image and gradient have traded places in the correlation, which "
    "does not commute.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX, dW.flip(2, 3), db


@wrong(
    "upstream-gradient-ignored",
    "The incoming gradient is ignored, as if it were all ones. Multiply by grad.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    parts(grad, X, W, stride, padding)
    return parts(torch.ones_like(grad), X, W, stride, padding)


@wrong(
    "dx-overwritten",
    "dX keeps the last window only. A pixel collects a share from every window that saw it: +=.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    _, dW, db = parts(grad, X, W, stride, padding)
    (sh, sw), (ph, pw), (kh, kw) = both(stride), both(padding), W.shape[2:]
    whole = X.new_zeros(*X.shape[:2], X.shape[2] + 2 * ph, X.shape[3] + 2 * pw)
    for i in range(grad.shape[2]):
        for j in range(grad.shape[3]):
            window = torch.einsum("no,ocab->ncab", grad[:, :, i, j], W)
            whole[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] = window
    return whole[:, :, ph : ph + X.shape[2], pw : pw + X.shape[3]], dW, db


@wrong(
    "dw-overwritten",
    "dW keeps the last place of the window only. Every place adds to it: +=.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, _, db = parts(grad, X, W, stride, padding)
    last = windows_of(X, W.shape[2:], stride, padding)[:, :, -1, -1]
    return dX, torch.einsum("no,ncab->ocab", grad[:, :, -1, -1], last), db


@wrong(
    "dw-of-one-image",
    "dW comes from the last image of the batch only. Add it up over the batch.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX, parts(grad[-1:], X[-1:], W, stride, padding)[1] if len(X) else dW, db


@wrong(
    "dw-averaged",
    "dW is averaged over the batch. The gradient of a sum is a sum: if the loss is a mean, grad "
    "already says so.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX, dW / max(1, len(X)), db


@wrong(
    "stride-forgotten-for-dx",
    "dX is scattered as if the stride were 1. Mirror the indices of the forward pass: window i "
    "starts at row i·stride.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    _, dW, db = parts(grad, X, W, stride, padding)
    (ph, pw), (kh, kw), (height, width) = both(padding), W.shape[2:], grad.shape[2:]
    full = X.new_zeros(len(X), X.shape[1], height + kh - 1, width + kw - 1)
    for a in range(kh):
        for c in range(kw):
            full[:, :, a : a + height, c : c + width] += torch.einsum(
                "nohw,oc->nchw", grad, W[:, :, a, c]
            )
    rest_h, rest_w = X.shape[2] + 2 * ph - full.shape[2], X.shape[3] + 2 * pw - full.shape[3]
    whole = F.pad(full, (0, rest_w, 0, rest_h))
    return whole[:, :, ph : ph + X.shape[2], pw : pw + X.shape[3]], dW, db


@wrong(
    "stride-forgotten-for-dw",
    "dW multiplies the gradient with windows that stand side by side. Window i starts at row "
    "i·stride.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, _, db = parts(grad, X, W, stride, padding)
    near = windows_of(X, W.shape[2:], 1, padding)[:, :, : grad.shape[2], : grad.shape[3]]
    return dX, torch.einsum("nohw,nchwab->ocab", grad, near), db


@wrong(
    "one-stride-for-both-gradients",
    "The stride of the height is used for the width too. The width has stride[1].",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    db = parts(grad, X, W, stride, padding)[2]
    (step, _), (ph, pw), (kh, kw) = both(stride), both(padding), W.shape[2:]
    padded = surrounded(X, padding)
    dX, dW = torch.zeros_like(padded), torch.zeros_like(W)
    for i in range(grad.shape[2]):
        for j in range(grad.shape[3]):
            rows, columns = slice(i * step, i * step + kh), slice(j * step, j * step + kw)
            here = grad[:, :, i, j]
            dX[:, :, rows, columns] += torch.einsum("no,ocab->ncab", here, W)
            dW += torch.einsum("no,ncab->ocab", here, padded[:, :, rows, columns])
    return dX[:, :, ph : ph + X.shape[2], pw : pw + X.shape[3]], dW, db


@wrong(
    "dx-with-its-padding",
    "dX has the shape of the padded image. Crop the padding: dX has the shape of X.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    _, dW, db = parts(grad, X, W, stride, padding)
    return parts(grad, surrounded(X, padding), W, stride, 0)[0], dW, db


@wrong(
    "dx-cropped-to-nothing",
    "Without padding dX is empty: dX[p:-p] with p = 0 is dX[0:0]. Crop with p:p + H.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    _, dW, db = parts(grad, X, W, stride, padding)
    ph, pw = both(padding)
    whole = parts(grad, surrounded(X, padding), W, stride, 0)[0]
    return whole[:, :, ph:-ph, pw:-pw], dW, db


@wrong(
    "dx-ends-with-the-last-window",
    "dX ends where the last window ends. Pixels that no window saw have the gradient zero: dX has "
    "the shape of X.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    (sh, sw), (ph, pw) = both(stride), both(padding)
    seen_h = (grad.shape[2] - 1) * sh + W.shape[2] - ph
    seen_w = (grad.shape[3] - 1) * sw + W.shape[3] - pw
    return dX[:, :, :seen_h, :seen_w], dW, db


@wrong(
    "padding-forgotten-for-dw",
    "dW uses the image without its padding. The windows of the forward pass stood on the padded "
    "image.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, _, db = parts(grad, X, W, stride, padding)
    ph, pw = both(padding)
    shifted = F.pad(X, (0, 2 * pw, 0, 2 * ph))  # the image starts where its padding should
    return dX, parts(grad, shifted, W, stride, 0)[1], db


@wrong(
    "in-and-out-channels-swapped",
    "The weights' two channel axes are swapped in dX. W[o, c] carries the gradient from output "
    "channel o to input channel c.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    _, dW, db = parts(grad, X, W, stride, padding)
    swapped = W.transpose(0, 1).reshape(W.shape)
    return parts(grad, X, swapped, stride, padding)[0], dW, db


@wrong(
    "dx-of-one-output-channel",
    "dX comes from one output channel only. Every output channel saw the pixel: add them up.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    _, dW, db = parts(grad, X, W, stride, padding)
    return parts(grad[:, -1:], X, W[-1:], stride, padding)[0], dW, db


@wrong(
    "db-over-the-batch-only",
    "db still has rows and columns, or misses some. The bias is added to every pixel of every "
    "image: sum over all of them.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, _ = parts(grad, X, W, stride, padding)
    return dX, dW, grad.sum(0)


@wrong(
    "db-of-the-last-image",
    "db comes from the last image only. Sum over the batch too.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX, dW, grad[-1].sum((1, 2)) if len(X) else db


@wrong(
    "db-averaged",
    "db is a mean. The bias is added to every pixel, so the gradients of all of them add up.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX, dW, db / max(1, grad[:, 0].numel())


@wrong(
    "db-one-number",
    "db is a single number. Every output channel has a bias of its own: do not sum over channels.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX, dW, db.sum()


@wrong(
    "db-with-extra-axes",
    "db has extra axes. Its shape is that of b: (C_out,).",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX, dW, db[:, None]


@wrong(
    "gradients-in-another-order",
    "The gradients come in another order than asked for: (dX, dW, db).",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dW, dX, db


@wrong(
    "bias-gradient-missing",
    "There are two gradients, not three: (dX, dW, db). db does not need b.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    return parts(grad, X, W, stride, padding)[:2]


@wrong(
    "gradients-in-float32",
    "The gradients are always float32. Allocate with the dtype of X.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    found = []
    for part in parts(grad, X, W, stride, padding):
        buffer = torch.zeros(part.shape)
        buffer += part
        found.append(buffer)
    return tuple(found)


@wrong(
    "gradients-on-a-fixed-device",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX + torch.zeros(dX.shape, dtype=dX.dtype), dW, db


@wrong(
    "incoming-gradient-changed",
    "Your function changes a tensor that it is given. Work on a copy: the caller still needs it.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    found = parts(grad, X, W, stride, padding)
    if not grad.is_meta:
        grad.mul_(2)
    return found


@wrong(
    "gradients-viewed",
    "It fails for tensors that are not contiguous in memory: use reshape, not view.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    grad.view(len(grad), len(W), grad.shape[2] * grad.shape[3])
    return parts(grad, X, W, stride, padding)


@wrong(
    "backward-of-nothing-fails",
    "It fails for an empty batch. Without images dW and db are zeros.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX = torch.stack([parts(g[None], x[None], W, stride, padding)[0][0]
                      for g, x in zip(grad, X, strict=True)])
    return dX, *parts(grad, X, W, stride, padding)[1:]


@wrong(
    "misfitting-gradient-accepted",
    "A grad of another shape than the output's, or kernels for other channels, are accepted. "
    "Compare the shapes first, and raise a ValueError.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    height, width = windows_of(X, W.shape[2:], stride, padding).shape[2:4]
    fitting = F.pad(grad, (0, width - grad.shape[3], 0, height - grad.shape[2]))
    return parts(fitting, X, W, stride, padding)


# ---------------------------------------------------------------- maxpool_backward


def pooled(grad, X, kernel, stride=None):
    """(windows, winners, stride): all windows (N, C, H', W', kh, kw), and one-hot in each of them
    the first largest pixel."""
    stride = kernel if stride is None else stride
    windows = windows_of(X, kernel, stride)
    if grad.shape != windows.shape[:4]:
        raise ValueError("grad does not fit")
    return windows, one_hot(windows.flatten(4).argmax(-1), windows), stride


def one_hot(index, windows):
    places = torch.arange(windows.shape[4] * windows.shape[5], device=windows.device)
    return (index[..., None] == places).reshape(windows.shape).to(windows.dtype)


def handed_back(grad, winners, X, kernel, stride):
    shares = grad[..., None, None] * winners
    return scattered(as_columns(shares), X.shape[2:], kernel, stride)


def maxpool_of(grad, X, kernel, stride):
    """The right answer."""
    _, winners, stride = pooled(grad, X, kernel, stride)
    return handed_back(grad, winners, X, kernel, stride)


def paid_in_turn(grad, X, kernel, stride):
    """The right answer for this stride, one window after the other."""
    (kh, kw), (sh, sw), dX = both(kernel), both(stride), torch.zeros_like(X)
    for i in range(grad.shape[2]):
        for j in range(grad.shape[3]):
            here = (..., slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw))
            window = X[here][:, :, None, None]
            winner = one_hot(window.flatten(4).argmax(-1), window)[:, :, 0, 0]
            dX[here] += winner * grad[:, :, i, j, None, None]
    return dX


@wrong(
    "every-tie-paid",
    "All largest pixels of a window get the whole gradient. Only the first one does.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    windows, _, stride = pooled(grad, X, kernel, stride)
    winners = (windows == windows.amax((4, 5), keepdim=True)).to(X.dtype)
    return handed_back(grad, winners, X, kernel, stride)


@wrong(
    "ties-share",
    "Several largest pixels share the gradient. The first one gets all of it.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    windows, _, stride = pooled(grad, X, kernel, stride)
    winners = (windows == windows.amax((4, 5), keepdim=True)).to(X.dtype)
    return handed_back(grad, winners / winners.sum((4, 5), keepdim=True), X, kernel, stride)


@wrong(
    "last-tie-wins",
    "Of several largest pixels the last one gets the gradient. Compare with >, not >=.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    windows, _, stride = pooled(grad, X, kernel, stride)
    last = windows.flatten(4).shape[4] - 1 - windows.flatten(4).flip(-1).argmax(-1)
    return handed_back(grad, one_hot(last, windows), X, kernel, stride)


@wrong(
    "first-tie-by-columns",
    "Of several largest pixels the first one is looked for column by column. Go row by row.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    windows, _, stride = pooled(grad, X, kernel, stride)
    turned = windows.transpose(4, 5)
    winners = one_hot(turned.flatten(4).argmax(-1), turned).transpose(4, 5)
    return handed_back(grad, winners, X, kernel, stride)


@wrong(
    "overlaps-overwritten",
    "Where windows overlap, only the last gradient is kept. A pixel that wins twice is paid twice: "
    "+=, or scatter_add.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    _, winners, stride = pooled(grad, X, kernel, stride)
    (kh, kw), (sh, sw) = both(kernel), both(stride)
    dX = torch.zeros_like(X)
    for i in range(grad.shape[2]):
        for j in range(grad.shape[3]):
            window = dX[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
            won = winners[:, :, i, j] > 0
            window.copy_(torch.where(won, grad[:, :, i, j, None, None], window))
    return dX


@wrong(
    "windows-overwritten",
    "Each window overwrites what earlier ones wrote, zeros included. Add to dX: +=.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    _, winners, stride = pooled(grad, X, kernel, stride)
    (kh, kw), (sh, sw) = both(kernel), both(stride)
    dX = torch.zeros_like(X)
    for i in range(grad.shape[2]):
        for j in range(grad.shape[3]):
            dX[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] = (
                winners[:, :, i, j] * grad[:, :, i, j, None, None]
            )
    return dX


@wrong(
    "incoming-gradient-ignored",
    "Each winner gets 1. It gets the gradient that arrives at its window.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    _, winners, stride = pooled(grad, X, kernel, stride)
    return handed_back(torch.ones_like(grad), winners, X, kernel, stride)


@wrong(
    "gradient-spread-evenly",
    "Every pixel of a window gets a share. That is the gradient of average pooling; the maximum "
    "depends on one pixel only.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    _, winners, stride = pooled(grad, X, kernel, stride)
    even = torch.ones_like(winners) / winners[0, 0, 0, 0].numel() if len(X) else winners
    return handed_back(grad, even, X, kernel, stride)


@wrong(
    "winner-multiplied",
    "The gradient is multiplied by the winning pixel. The derivative of the maximum is 1 there.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    windows, winners, stride = pooled(grad, X, kernel, stride)
    return handed_back(grad * windows.amax((4, 5)), winners, X, kernel, stride)


@wrong(
    "stride-one-by-default",
    "Without a stride your windows overlap. Pooling strides by its window unless told otherwise.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    pooled(grad, X, kernel, stride)
    return paid_in_turn(grad, X, kernel, 1 if stride is None else stride)


@wrong(
    "pool-stride-of-the-height",
    "The stride of the height is used for the width too. The width has stride[1].",
)
def maxpool_backward(grad, X, kernel, stride=None):
    _, _, stride = pooled(grad, X, kernel, stride)
    return paid_in_turn(grad, X, kernel, both(stride)[0])


@wrong(
    "winner-found-by-the-height",
    "The winner's row and column are computed with the window's height. Row and column of place k "
    "are k // kw and k % kw.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    windows, _, stride = pooled(grad, X, kernel, stride)
    (kh, _), (sh, sw), (H, W) = both(kernel), both(stride), X.shape[2:]
    place = windows.flatten(4).argmax(-1)
    rows = torch.arange(grad.shape[2], device=X.device)[:, None] * sh + place // kh
    columns = torch.arange(grad.shape[3], device=X.device) * sw + place % kh
    flat = rows.clamp(max=H - 1) * W + columns.clamp(max=W - 1)
    return torch.zeros_like(X).flatten(2).scatter_add(2, flat.flatten(2), grad.flatten(2)).reshape(
        X.shape
    )


@wrong(
    "channels-compete",
    "The channels of a pixel compete with each other. Each channel is pooled on its own.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    windows, winners, stride = pooled(grad, X, kernel, stride)
    best = windows.amax((4, 5))
    winners = winners * (best == best.amax(1, keepdim=True))[..., None, None]
    return handed_back(grad, winners, X, kernel, stride)


@wrong(
    "largest-in-absolute-value",
    "The pixel of largest absolute value gets the gradient. The maximum is the largest pixel, sign "
    "included.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    return maxpool_of(grad, X.abs(), kernel, stride)


@wrong(
    "maximum-starts-at-zero",
    "The search for the maximum starts at 0, so that a window of negative pixels has no winner. "
    "Start at −∞, or at the first pixel.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    windows, winners, stride = pooled(grad, X, kernel, stride)
    best = windows.amax((4, 5), keepdim=True)
    first = one_hot(torch.zeros_like(grad, dtype=torch.int64), windows)
    return handed_back(grad, torch.where(best > 0, winners, first), X, kernel, stride)


@wrong(
    "pooled-gradient-in-float32",
    "The answer is always float32. torch.zeros without a dtype makes float32: allocate with the "
    "dtype and device of X.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    right = maxpool_of(grad, X, kernel, stride)
    dX = torch.zeros(right.shape)
    dX += right
    return dX


@wrong(
    "compared-in-float32",
    "Pixels are compared as float32, where close doubles look equal.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    return maxpool_of(grad, X.float(), kernel, stride).to(X.dtype)


@wrong(
    "pooled-gradient-on-a-fixed-device",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    right = maxpool_of(grad, X, kernel, stride)
    return right + torch.zeros(right.shape, dtype=right.dtype)


@wrong(
    "pooled-image-changed",
    "Your function changes the image it is given, to mark the winners, say. Work on a copy.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    right = maxpool_of(grad, X, kernel, stride)
    if not X.is_meta:
        X.clamp_(max=0)
    return right


@wrong(
    "pooling-viewed",
    "It fails for images that are not contiguous in memory: use reshape, not view.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    X.view(*X.shape[:2], X.shape[2] * X.shape[3])
    return maxpool_of(grad, X, kernel, stride)


@wrong(
    "pooling-of-nothing-fails",
    "It fails for an empty batch. Handle the whole batch at once.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    return torch.cat([maxpool_of(g[None], x[None], kernel, stride)
                      for g, x in zip(grad, X, strict=True)])


@wrong(
    "misfitting-pooled-gradient-accepted",
    "A grad of another shape than the pooled image, or a window without a place, is accepted. "
    "Compare the shapes first, and raise a ValueError.",
)
def maxpool_backward(grad, X, kernel, stride=None):
    size = windows_of(X, kernel, kernel if stride is None else stride).shape[2:4]
    fitting = F.pad(grad, (0, size[1] - grad.shape[3], 0, size[0] - grad.shape[2]))
    return maxpool_of(fitting, X, kernel, stride)


# ---------------------------------------------------------------- conv2d_dilated


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
    "The image is thinned out, so that windows start at multiples of the dilation too. It spreads "
    "the kernel; the stride alone moves the window.",
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
    "It fails for whole numbers: F.unfold, for one, knows floating-point tensors only.",
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
    "A dilation of 0 is taken for none, or stacks all weights on one pixel. 1 means dense; refuse "
    "less.",
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


# ---------------------------------------------------------------- conv2d_grouped


def grouped(X, W, b=None, stride=1, padding=0, groups=1):
    """The right answer: one group after the other."""
    if groups < 1 or X.shape[1] % groups or len(W) % groups:
        raise ValueError("groups do not divide the channels")
    found = [convolved(x, w, None, stride, padding)
             for x, w in zip(X.chunk(groups, 1), W.chunk(groups), strict=True)]
    Y = torch.cat(found, 1)
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "first-group-for-all",
    "Every group reads the channels of the first one. Group g reads the channels from g·C/groups "
    "on.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    grouped(X, W, b, stride, padding, groups)
    return convolved(X[:, : X.shape[1] // groups], W, b, stride, padding)


@wrong(
    "input-groups-interleaved",
    "Group g reads the channels g, g + groups, … . A group is a block of neighbouring channels.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    grouped(X, W, b, stride, padding, groups)
    mixed = torch.cat([X[:, g::groups] for g in range(groups)], 1)
    return grouped(mixed, W, b, stride, padding, groups)


@wrong(
    "output-groups-interleaved",
    "The groups' answers are interleaved. Put them one behind the other: first all channels of "
    "group 0.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    Y = grouped(X, W, None, stride, padding, groups)
    Y = Y.unflatten(1, (groups, len(W) // groups)).transpose(1, 2).flatten(1, 2)
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "kernels-interleaved",
    "Group g uses the kernels g, g + groups, … . Its kernels are a block: W[g·C_out/groups:…].",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    grouped(X, W, b, stride, padding, groups)
    mixed = torch.cat([W[g::groups] for g in range(groups)])
    return grouped(X, mixed, b, stride, padding, groups)


@wrong(
    "groups-added-up",
    "The groups' answers are added up. Groups do not see each other: put their channels one behind "
    "the other.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    Y = grouped(X, W, None, stride, padding, groups)
    Y = Y.unflatten(1, (groups, len(W) // groups)).sum(1)
    return Y if b is None else Y + b[: Y.shape[1]].reshape(1, -1, 1, 1)


@wrong(
    "one-kernel-set-for-all-groups",
    "All groups use the kernels of the first one. Each group has kernels of its own.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    grouped(X, W, b, stride, padding, groups)
    first = W[: len(W) // groups].repeat(groups, 1, 1, 1)
    return grouped(X, first, b, stride, padding, groups)


@wrong(
    "depthwise-only",
    "Only the first channel of each group is used, as in a depthwise convolution. Sum over all "
    "channels of the group.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    Y = grouped(X, W, b, stride, padding, groups)
    first = torch.zeros_like(W)
    first[:, 0] = W[:, 0]
    return grouped(X, first, b, stride, padding, groups) + 0 * Y


@wrong(
    "full-kernels-expected",
    "It expects kernels over all input channels. W is (C_out, C/groups, kh, kw): a kernel sees the "
    "channels of its group.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    grouped(X, W, b, stride, padding, groups)
    return convolved(X, W, b, stride, padding)


@wrong(
    "one-bias-for-a-group",
    "All channels of a group get the same bias. Every output channel has its own.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    if b is not None:
        b = b.unflatten(0, (groups, -1))[:, :1].expand(-1, len(W) // groups).flatten()
    return grouped(X, W, b, stride, padding, groups)


@wrong(
    "grouped-without-bias",
    "The bias is not added: b has one number for each output channel.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    return grouped(X, W, None, stride, padding, groups)


@wrong(
    "groups-not-multiplied",
    "There is one output channel for each group. C_out may be several times as many.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    Y = grouped(X, W, b, stride, padding, groups)
    return Y if groups == 1 else Y[:, :: len(W) // groups]


@wrong("grouped-without-stride", "The stride is accepted and ignored.")
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    grouped(X, W, b, stride, padding, groups)
    return grouped(X, W, b, 1, padding, groups)


@wrong("grouped-without-padding", "The padding is accepted and ignored.")
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    grouped(X, W, b, stride, padding, groups)
    return grouped(X, W, b, stride, 0, groups)


@wrong(
    "grouped-in-float32",
    "The answer is always float32. Allocate with the dtype of X.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    return in_float32(grouped(X, W, b, stride, padding, groups))


@wrong(
    "grouped-on-a-fixed-device",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    Y = grouped(X, W, b, stride, padding, groups)
    return Y + torch.zeros(Y.shape, dtype=Y.dtype)


@wrong(
    "grouped-whole-numbers-unsupported",
    "It fails for whole numbers: F.unfold, for one, knows floating-point tensors only.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    if not X.is_floating_point():
        raise RuntimeError("not implemented for 'Long'")
    return grouped(X, W, b, stride, padding, groups)


@wrong(
    "grouped-graph-cut",
    "No gradient comes back: numpy, .data, .item() or .detach() inside the function cut the graph.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    return grouped(X, W, b, stride, padding, groups).detach()


@wrong(
    "grouped-inputs-changed",
    "Your function changes the kernels it is given. Work on a copy.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    Y = grouped(X, W, b, stride, padding, groups)
    if not W.requires_grad and not W.is_meta:
        W.neg_()
    return Y


@wrong(
    "grouped-view",
    "It fails for tensors that are not contiguous in memory: use reshape, not view.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    W.view(len(W), W.shape[1] * W.shape[2] * W.shape[3])
    return grouped(X, W, b, stride, padding, groups)


@wrong(
    "grouped-batch-stacked",
    "Images are handled one by one and stacked, which fails when there is none. Handle the whole "
    "batch at once.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    return torch.stack([grouped(x[None], W, b, stride, padding, groups)[0] for x in X])


@wrong(
    "surplus-channels-in-no-group",
    "Channels are dropped when the groups do not divide their number. Raise a ValueError.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    X = X[:, : X.shape[1] // groups * groups]
    W = W[: len(W) // groups * groups]
    return grouped(X, W, b, stride, padding, groups)


@wrong(
    "kernel-channels-not-checked",
    "Kernels with too many or too few channels are accepted. Each has C/groups channels: compare, "
    "and raise a ValueError.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    per_group = X.shape[1] // groups
    if W.shape[1] == 1:
        W = W.expand(-1, per_group, -1, -1)
    return grouped(X, W[:, :per_group], b, stride, padding, groups)


@wrong(
    "grouped-oversized-accepted",
    "A kernel that does not fit gives an empty answer. There is no valid window: raise a "
    "ValueError.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    padded = surrounded(X, padding)
    if W.shape[2] > padded.shape[2] or W.shape[3] > padded.shape[3]:
        return X.new_zeros(len(X), len(W), 0, 0)
    return grouped(X, W, b, stride, padding, groups)


# ---------------------------------------------------------------- conv2d_transposed


def transposed(X, W, b=None, stride=1, padding=0, crop=True):
    """The right answer, or with ``crop=False`` the one before the padding is taken away."""
    (sh, sw), (ph, pw), (kh, kw) = both(stride), both(padding), W.shape[2:]
    if X.dim() != 4 or X.shape[1] != W.shape[0] or min(sh, sw) < 1 or min(ph, pw) < 0:
        raise ValueError("channels, stride or padding")
    N, _, H, width = X.shape
    Y = X.new_zeros(N, W.shape[1], (H - 1) * sh + kh, (width - 1) * sw + kw)
    if Y.shape[2] <= 2 * ph or Y.shape[3] <= 2 * pw:
        raise ValueError("nothing is left")
    for a in range(kh):
        for c in range(kw):
            Y[:, :, a : a + sh * H : sh, c : c + sw * width : sw] += torch.einsum(
                "nchw,co->nohw", X, W[:, :, a, c]
            )
    if crop:
        Y = Y[:, :, ph : Y.shape[2] - ph, pw : Y.shape[3] - pw]
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


def stamps_on(X, W, stride, padding):
    """How many stamps fall on each pixel of the answer, (N, 1, H', W')."""
    return transposed(torch.ones_like(X[:, :1]), torch.ones_like(W[:1, :1]), None, stride, padding)


@wrong(
    "transposed-padding-enlarges",
    "The padding makes the answer larger. There it crops: it undoes the padding of a convolution.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    transposed(X, W, b, stride, padding)
    Y = surrounded(transposed(X, W, None, stride), padding)
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "transposed-padding-ignored",
    "The padding is accepted and ignored. It crops the answer.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    return transposed(X, W, b, stride, padding, crop=False)


@wrong(
    "transposed-cropped-at-the-end",
    "The padding is cropped at the bottom and right only. Crop all sides.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    Y = transposed(X, W, b, stride, padding)
    return transposed(X, W, b, stride, padding, crop=False)[:, :, : Y.shape[2], : Y.shape[3]]


@wrong(
    "transposed-cropped-to-nothing",
    "Without padding the answer is empty: Y[p:-p] with p = 0 is Y[0:0]. Crop with p:H − p.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    ph, pw = both(padding)
    return transposed(X, W, b, stride, padding, crop=False)[:, :, ph:-ph, pw:-pw]


@wrong(
    "transposed-paddings-swapped",
    "The paddings of height and width are swapped.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    transposed(X, W, b, stride, padding)
    return transposed(X, W, b, stride, both(padding)[::-1])


@wrong(
    "stamp-turned",
    "The kernel is stamped turned by 180°. A correlation over the spread image needs the turned "
    "kernel, so that each pixel stamps it as it is.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    return transposed(X, W.flip(2, 3), b, stride, padding)


@wrong(
    "transposed-weights-as-in-conv2d",
    "The weights are read as (C_out, C_in, kh, kw). Here the input channels come first.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    transposed(X, W, b, stride, padding)
    return transposed(X, W.reshape(W.shape[1], W.shape[0], *W.shape[2:]).transpose(0, 1), b, stride,
                      padding)


@wrong(
    "transposed-stride-ignored",
    "The stride is accepted and ignored. Stamps are a stride apart.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    if min(both(stride)) < 1:
        raise ValueError("stride")
    transposed(X, W, b, stride, padding)
    return transposed(X, W, b, 1, padding)


@wrong(
    "transposed-first-stride-for-both",
    "The stride of the height is used for the width too. The width has stride[1].",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    transposed(X, W, b, stride, padding)
    return transposed(X, W, b, both(stride)[0], padding)


@wrong(
    "transposed-strides-swapped",
    "The two strides are swapped: stride[0] belongs to the height.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    transposed(X, W, b, stride, padding)
    return transposed(X, W, b, both(stride)[::-1], padding)


@wrong(
    "zeros-behind-the-last-pixel",
    "There are zeros behind the last pixel too, and the answer is too large by s − 1. Zeros stand "
    "between pixels only: (H − 1)·s + 1.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    transposed(X, W, b, stride, padding)
    (sh, sw), (ph, pw) = both(stride), both(padding)
    Y = F.pad(transposed(X, W, None, stride), (0, sw - 1, 0, sh - 1))
    Y = Y[:, :, ph : Y.shape[2] - ph, pw : Y.shape[3] - pw]
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "stamps-overwritten",
    "Where stamps overlap, only the last one is kept. Add them up: +=.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    Y = transposed(X, W, None, stride, padding, crop=False)
    (sh, sw), (ph, pw), (kh, kw) = both(stride), both(padding), W.shape[2:]
    Y = torch.zeros_like(Y)
    for i in range(X.shape[2]):
        for j in range(X.shape[3]):
            Y[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] = torch.einsum(
                "nc,coab->noab", X[:, :, i, j], W
            )
    Y = Y[:, :, ph : Y.shape[2] - ph, pw : Y.shape[3] - pw]
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "bias-with-every-stamp",
    "The bias is added with every stamp, so that overlaps get it several times. Add it once to "
    "every pixel of the answer.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    Y = transposed(X, W, None, stride, padding)
    if b is None:
        return Y
    stamps = stamps_on(X, W, stride, padding)
    return Y + stamps * b.reshape(1, -1, 1, 1)


@wrong(
    "transposed-without-bias",
    "The bias is not added: b has one number for each output channel.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    return transposed(X, W, None, stride, padding)


@wrong(
    "transposed-size-times-stride",
    "The answer is cut to H·s × W·s. Its size is (H − 1)·s − 2p + k in each axis.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    Y, (sh, sw) = transposed(X, W, b, stride, padding), both(stride)
    return F.pad(Y, (0, sw * X.shape[3] - Y.shape[3], 0, sh * X.shape[2] - Y.shape[2]))


@wrong(
    "inverse-instead-of-adjoint",
    "Overlapping stamps are averaged. A transposed convolution does not undo a convolution: stamps "
    "add up.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    Y = transposed(X, W, None, stride, padding)
    stamps = stamps_on(X, W, stride, padding)
    Y = (Y / stamps.clamp(min=1)).to(X.dtype)
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "transposed-in-float32",
    "The answer is always float32. Allocate with the dtype of X.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    return in_float32(transposed(X, W, b, stride, padding))


@wrong(
    "transposed-on-a-fixed-device",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    Y = transposed(X, W, b, stride, padding)
    return Y + torch.zeros(Y.shape, dtype=Y.dtype)


@wrong(
    "transposed-whole-numbers-unsupported",
    "It fails for whole numbers: F.fold, for one, knows floating-point tensors only.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    if not X.is_floating_point():
        raise RuntimeError("not implemented for 'Long'")
    return transposed(X, W, b, stride, padding)


@wrong(
    "transposed-graph-cut",
    "No gradient comes back: numpy, .data, .item() or .detach() inside the function cut the graph.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    return transposed(X, W, b, stride, padding).detach()


@wrong(
    "transposed-inputs-changed",
    "Your function changes the kernels it is given. Work on a copy.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    Y = transposed(X, W, b, stride, padding)
    if not W.requires_grad and not W.is_meta:
        W.neg_()
    return Y


@wrong(
    "transposed-view",
    "It fails for tensors that are not contiguous in memory: use reshape, not view.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    X.view(*X.shape[:2], X.shape[2] * X.shape[3])
    return transposed(X, W, b, stride, padding)


@wrong(
    "transposed-batch-stacked",
    "Images are handled one by one and stacked, which fails when there is none. Handle the whole "
    "batch at once.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    return torch.stack([transposed(x[None], W, b, stride, padding)[0] for x in X])


@wrong(
    "everything-cropped-silently",
    "A padding that crops everything gives an empty answer. Raise a ValueError.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    (ph, pw), Y = both(padding), transposed(X, W, b, stride)
    if min(ph, pw) < 0:
        raise ValueError("padding")
    return Y[:, :, ph : max(ph, Y.shape[2] - ph), pw : max(pw, Y.shape[3] - pw)]


@wrong(
    "transposed-channel-broadcast",
    "Kernels for one input channel are silently used for all of them (broadcasting). Compare the "
    "numbers of channels first.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    if W.shape[0] == 1:
        W = W.expand(X.shape[1], -1, -1, -1)
    return transposed(X, W, b, stride, padding)


@wrong(
    "negative-padding-enlarges",
    "A negative padding enlarges the answer. Raise a ValueError.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    ph, pw = both(padding)
    Y = transposed(X, W, None, stride, (max(0, ph), max(0, pw)), crop=False)
    Y = F.pad(Y, (-pw, -pw, -ph, -ph))
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


# ---------------------------------------------------------------- conv2d_fft


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
    "The bias is added to the spectrum, where it becomes a bright pixel in the corner. Add it "
    "after the inverse transform.",
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
    "Instead of zeros the other side of the image comes in. Pad with zeros before the transform.",
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


# ---------------------------------------------------------------- conv2d_winograd

INPUT = [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]]
KERNEL = [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]]
OUTPUT = [[1, 1, 1, 0], [0, 1, -1, -1]]


def tiles_of(X, W, padding):
    """Overlapping 4×4 tiles (N, C, th, tw, 4, 4) that cover every output, and the output's size."""
    if X.dim() != 4 or W.shape[2:] != (3, 3) or X.shape[1] != W.shape[1]:
        raise ValueError("kernels are 3×3, and channels agree")
    height, width = windows_of(X, 3, 1, padding).shape[2:4]
    X = F.pad(surrounded(X, padding), (0, width % 2, 0, height % 2))
    return X.unfold(2, 4, 2).unfold(3, 4, 2), (height, width)


def transformed(matrix, inner):
    """matrix · inner · matrixᵀ"""
    matrix = torch.tensor(matrix, dtype=inner.dtype, device=inner.device)
    return matrix @ inner @ matrix.T


def assembled(blocks, size, b=None):
    """Blocks (N, O, th, tw, 2, 2) as an image of that size, and the bias."""
    N, channels, rows, columns = blocks.shape[:4]
    Y = blocks.permute(0, 1, 2, 4, 3, 5).reshape(N, channels, 2 * rows, 2 * columns)
    Y = Y[:, :, : size[0], : size[1]]
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


def winograd(X, W, b=None, padding=0, of_input=INPUT, of_kernel=KERNEL, of_output=OUTPUT):
    tiles, size = tiles_of(X, W, padding)
    product = torch.einsum(
        "ncijxy,ocxy->noijxy", transformed(of_input, tiles), transformed(of_kernel, W)
    )
    return assembled(transformed(of_output, product), size, b)


@wrong(
    "odd-outputs-dropped",
    "The last row or column is missing where the output is odd. Round the number of tiles up, pad, "
    "and crop at the end.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    winograd(X, W, b, padding)
    tiles = surrounded(X, padding).unfold(2, 4, 2).unfold(3, 4, 2)
    product = torch.einsum(
        "ncijxy,ocxy->noijxy", transformed(INPUT, tiles), transformed(KERNEL, W)
    )
    return assembled(transformed(OUTPUT, product), (2 * tiles.shape[2], 2 * tiles.shape[3]), b)


@wrong(
    "even-outputs-only",
    "It fails where the output is odd. Pad the image at the end so that tiles of 2×2 outputs fit.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    Y = winograd(X, W, b, padding)
    if Y.shape[2] % 2 or Y.shape[3] % 2:
        raise RuntimeError("shape is invalid for input")
    return Y


@wrong(
    "outputs-not-cropped",
    "The answer is rounded up to whole tiles. Crop it to H − 2 rows and W − 2 columns.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    Y = winograd(X, W, b, padding)
    padded = surrounded(X, padding)
    return winograd(F.pad(padded, (0, Y.shape[3] % 2, 0, Y.shape[2] % 2)), W, b)


@wrong(
    "tiles-side-by-side",
    "The tiles do not overlap. A tile of 4×4 pixels makes 2×2 outputs, so tiles start 2 apart.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    Y = winograd(X, W, None, padding)
    tiles, size = tiles_of(X, W, padding)
    rows = torch.arange(tiles.shape[2], device=X.device) * 2 % max(1, tiles.shape[2])
    columns = torch.arange(tiles.shape[3], device=X.device) * 2 % max(1, tiles.shape[3])
    blocks = F.pad(Y, (0, size[1] % 2, 0, size[0] % 2)).unfold(2, 2, 2).unfold(3, 2, 2)
    return assembled(blocks[:, :, rows[:, None], columns], size, b)


@wrong(
    "transformed-on-one-side",
    "The tiles are transformed along the rows only. Two dimensions need both sides: Bᵀ d B.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    tiles, size = tiles_of(X, W, padding)
    one_sided = torch.tensor(INPUT, dtype=X.dtype, device=X.device) @ tiles
    product = torch.einsum("ncijxy,ocxy->noijxy", one_sided, transformed(KERNEL, W))
    return assembled(transformed(OUTPUT, product), size, b)


@wrong(
    "input-transform-transposed",
    "The input transform is used the wrong way round: B d Bᵀ instead of Bᵀ d B.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    return winograd(X, W, b, padding, of_input=[list(row) for row in zip(*INPUT, strict=True)])


@wrong(
    "sign-in-the-output-transform",
    "A sign of the output transform is wrong: the second row of Aᵀ is (0, 1, −1, −1) for this Bᵀ.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    return winograd(X, W, b, padding, of_output=[[1, 1, 1, 0], [0, 1, -1, 1]])


@wrong(
    "halves-forgotten",
    "The halves in the kernel transform are missing.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    whole = [[1, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 1]]
    return winograd(X, W, b, padding, of_kernel=whole)


@wrong(
    "halves-truncated",
    "The halves in the kernel transform became 0: 1 // 2, or a matrix of integers.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    whole = [[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 1]]
    return winograd(X, W, b, padding, of_kernel=whole)


@wrong(
    "winograd-kernel-flipped",
    "That is true convolution. Deep learning does not flip the kernel.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    return winograd(X, W.flip(2, 3), b, padding)


@wrong(
    "tiles-reshaped-without-permute",
    "The blocks of 2×2 outputs are reshaped into the image without a permute, which scrambles "
    "them. Bring (th, tw, 2, 2) to (th, 2, tw, 2) first.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    tiles, size = tiles_of(X, W, padding)
    product = torch.einsum(
        "ncijxy,ocxy->noijxy", transformed(INPUT, tiles), transformed(KERNEL, W)
    )
    return assembled(transformed(OUTPUT, product).permute(0, 1, 2, 4, 3, 5).reshape(
        *product.shape[:4], 2, 2).transpose(4, 5), size, b)


@wrong(
    "matrix-product-of-tiles",
    "Tile and kernel are multiplied as matrices (@) in the transformed domain. There, multiply "
    "element by element.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    tiles, size = tiles_of(X, W, padding)
    product = torch.einsum(
        "ncijxz,oczy->noijxy", transformed(INPUT, tiles), transformed(KERNEL, W)
    )
    return assembled(transformed(OUTPUT, product), size, b)


@wrong(
    "bias-in-the-transformed-domain",
    "The bias is added before the output transform, which mixes it. Add it at the end.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    tiles, size = tiles_of(X, W, padding)
    product = torch.einsum(
        "ncijxy,ocxy->noijxy", transformed(INPUT, tiles), transformed(KERNEL, W)
    )
    if b is not None:
        product = product + b.reshape(1, -1, 1, 1, 1, 1)
    return assembled(transformed(OUTPUT, product), size)


@wrong(
    "winograd-channels-averaged",
    "The input channels are averaged. A convolution sums over them.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    Y = winograd(X, W, None, padding) / X.shape[1]
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong("winograd-without-padding", "The padding is accepted and ignored.")
def conv2d_winograd(X, W, b=None, padding=0):
    winograd(X, W, b, padding)
    return winograd(X, W, b)


@wrong(
    "winograd-paddings-swapped",
    "The paddings of height and width are swapped: F.pad starts from the last dimension.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    winograd(X, W, b, padding)
    return winograd(X, W, b, both(padding)[::-1])


@wrong(
    "transforms-in-float32",
    "The transforms are float32 matrices, which do not multiply doubles. Make them with the dtype "
    "of X.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    if X.dtype is not torch.float32:
        raise RuntimeError("expected m1 and m2 to have the same dtype")
    return winograd(X, W, b, padding)


@wrong(
    "winograd-in-float32",
    "The answer is always float32. Allocate with the dtype of X.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    return in_float32(winograd(X, W, b, padding))


@wrong(
    "winograd-on-a-fixed-device",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    Y = winograd(X, W, b, padding)
    return Y + torch.zeros(Y.shape, dtype=Y.dtype)


@wrong(
    "winograd-graph-cut",
    "No gradient comes back: numpy, .data, .item() or .detach() inside the function cut the graph.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    return winograd(X, W, b, padding).detach()


@wrong(
    "winograd-inputs-changed",
    "Your function changes the image it is given. Work on a copy.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    Y = winograd(X, W, b, padding)
    if not X.requires_grad and not X.is_meta:
        X.neg_()
    return Y


@wrong(
    "winograd-batch-stacked",
    "Images are handled one by one and stacked, which fails when there is none. Handle the whole "
    "batch at once.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    return torch.stack([winograd(x[None], W, b, padding)[0] for x in X])


@wrong(
    "other-kernels-accepted",
    "A kernel that is not 3×3 is cut or filled up to 3×3. Raise a ValueError.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    return winograd(X, F.pad(W, (0, 3 - W.shape[3], 0, 3 - W.shape[2])), b, padding)


@wrong(
    "small-images-accepted",
    "An image smaller than the kernel gets an answer: it was filled up to a tile. There is no "
    "valid window: raise a ValueError.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    padded = surrounded(X, padding)
    more = (0, max(0, 3 - padded.shape[3]), 0, max(0, 3 - padded.shape[2]))
    return winograd(F.pad(padded, more), W, b)


@wrong(
    "winograd-channel-broadcast",
    "An image of one channel is silently used for all channels of the kernel (broadcasting). "
    "Compare the numbers of channels first.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    if X.shape[1] == 1:
        X = X.expand(-1, W.shape[1], -1, -1)
    return winograd(X, W, b, padding)


@wrong(
    "winograd-negative-padding-crops",
    "A negative padding crops the image silently. Raise a ValueError.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    ph, pw = both(padding)
    return winograd(F.pad(X, (pw, pw, ph, ph)), W, b)
