"""Wrong ideas about the gradient of max pooling that students have, as they would write them.

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
    "Where windows overlap, only the last gradient is kept. A pixel that is the maximum of two "
    "windows gets both gradients: +=, or scatter_add.",
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
    "Each maximum gets the gradient 1. It should get the incoming gradient of its window.",
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
    "Row and column of the maximum are computed with the window's height. Row and column of place "
    "k are k // kw and k % kw.",
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
    "The maximum is taken over the channels too. Each channel is pooled on its own.",
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
    "Your function changes the image it is given, for example to mark the maxima. Work on a copy.",
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
