"""Right implementations of col2im that are unlike the model solution.

All must get all points. Those marked ``at_least`` are the textbook's own: they forget a dtype or
accept a kernel that does not fit, and must keep most of the points.
"""

import torch
import torch.nn.functional as F

from autograder.suite import Alternatives

right = Alternatives(__file__)


def two(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def rows_and_columns(kernel, stride, dilation, size, device):
    """Row and column of every pixel of every window, broadcastable to (kh, kw, H', W')."""
    def along(k, s, d, n):
        return (torch.arange(k, device=device)[:, None] * d
                + torch.arange(n, device=device) * s)
    rows = along(kernel[0], stride[0], dilation[0], size[0])
    columns = along(kernel[1], stride[1], dilation[1], size[1])
    return rows[:, None, :, None], columns[None, :, None, :]


def folded(columns, size, kernel, stride, padding):
    """(N, C, kh, kw, H', W') columns, and the shape of the padded image; refuses misfits."""
    (H, W), kernel, stride, (ph, pw) = two(size), two(kernel), two(stride), two(padding)
    places = [(n - k) // s + 1 for n, k, s in zip((H + 2 * ph, W + 2 * pw), kernel, stride,
                                                 strict=True)]
    if min(places) < 1 or columns.shape[2] != places[0] * places[1] \
            or columns.shape[1] % (kernel[0] * kernel[1]):
        raise ValueError("the columns do not fit")
    C = columns.shape[1] // (kernel[0] * kernel[1])
    return columns.reshape(len(columns), C, *kernel, *places), (H + 2 * ph, W + 2 * pw)


@right("windows-added-one-by-one")
def col2im(columns, size, kernel, stride=1, padding=0):
    columns, padded = folded(columns, size, kernel, stride, padding)
    (H, W), (sh, sw), (ph, pw) = two(size), two(stride), two(padding)
    N, C, kh, kw, height, width = columns.shape
    image = columns.new_zeros(N, C, *padded)
    for i in range(height):
        for j in range(width):
            image[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += columns[..., i, j]
    return image[:, :, ph : ph + H, pw : pw + W]


@right("index-add")
def col2im(columns, size, kernel, stride=1, padding=0):
    columns, padded = folded(columns, size, kernel, stride, padding)
    (H, W), stride, (ph, pw) = two(size), two(stride), two(padding)
    N, C, kh, kw, height, width = columns.shape
    rows, cols = rows_and_columns((kh, kw), stride, (1, 1), (height, width), columns.device)
    image = columns.new_zeros(N, C, padded[0] * padded[1])
    image = image.index_add(2, (rows * padded[1] + cols).reshape(-1), columns.flatten(2))
    return image.unflatten(2, padded)[:, :, ph : ph + H, pw : pw + W]


@right("scatter-add")
def col2im(columns, size, kernel, stride=1, padding=0):
    columns, padded = folded(columns, size, kernel, stride, padding)
    (H, W), stride, (ph, pw) = two(size), two(stride), two(padding)
    N, C, kh, kw, height, width = columns.shape
    rows, cols = rows_and_columns((kh, kw), stride, (1, 1), (height, width), columns.device)
    flat = (rows * padded[1] + cols).reshape(-1).expand(N, C, -1)
    image = columns.new_zeros(N, C, padded[0] * padded[1]).scatter_add(2, flat, columns.flatten(2))
    return image.unflatten(2, padded)[:, :, ph : ph + H, pw : pw + W]


@right("index-put-accumulated")
def col2im(columns, size, kernel, stride=1, padding=0):
    columns, padded = folded(columns, size, kernel, stride, padding)
    (H, W), stride, (ph, pw) = two(size), two(stride), two(padding)
    N, C, kh, kw, height, width = columns.shape
    rows, cols = rows_and_columns((kh, kw), stride, (1, 1), (height, width), columns.device)
    image = columns.new_zeros(*padded, N, C)
    image = image.index_put((rows, cols), columns.permute(2, 3, 4, 5, 0, 1), accumulate=True)
    return image.permute(2, 3, 0, 1)[:, :, ph : ph + H, pw : pw + W]


@right("padded-taps-summed")
def col2im(columns, size, kernel, stride=1, padding=0):
    columns, padded = folded(columns, size, kernel, stride, padding)
    (H, W), (sh, sw), (ph, pw) = two(size), two(stride), two(padding)
    N, C, kh, kw, height, width = columns.shape
    total = 0
    for a in range(kh):
        for c in range(kw):
            # Zeros between the rows and columns, then around them.
            spread = F.pad(columns[:, :, a, c, :, None, :, None], (0, sw - 1, 0, 0, 0, sh - 1))
            spread = spread.reshape(N, C, height * sh, width * sw)
            total = total + F.pad(spread, (c, padded[1] - c - width * sw,
                                           a, padded[0] - a - height * sh))
    return total[:, :, ph : ph + H, pw : pw + W]


@right("transposed-selection-matrix")
def col2im(columns, size, kernel, stride=1, padding=0):
    columns, padded = folded(columns, size, kernel, stride, padding)
    (H, W), stride, (ph, pw) = two(size), two(stride), two(padding)
    _, _, kh, kw, height, width = columns.shape
    rows, cols = rows_and_columns((kh, kw), stride, (1, 1), (height, width), columns.device)
    pixels = torch.arange(padded[0] * padded[1], device=columns.device)
    belongs = ((rows * padded[1] + cols).reshape(-1)[:, None] == pixels).to(columns.dtype)
    image = (columns.flatten(2) @ belongs).unflatten(2, padded)
    return image[:, :, ph : ph + H, pw : pw + W]


@right("adjoint-by-autograd")
def col2im(columns, size, kernel, stride=1, padding=0):
    kind = columns.dtype if columns.is_floating_point() else torch.float64
    windows, _ = folded(columns.to(kind), size, kernel, stride, padding)
    (kh, kw), (sh, sw), (ph, pw) = two(kernel), two(stride), two(padding)
    with torch.enable_grad():
        x = torch.zeros(*windows.shape[:2], *two(size), dtype=kind, device=columns.device,
                        requires_grad=True)
        seen = F.pad(x, (pw, pw, ph, ph)).unfold(2, kh, sh).unfold(3, kw, sw)
        (image,) = torch.autograd.grad(seen, x, windows.permute(0, 1, 4, 5, 2, 3),
                                       create_graph=columns.requires_grad)
    return image.to(columns.dtype)


@right("textbook-columns", at_least=0.75)
def col2im(columns, size, kernel, stride=1, padding=0):
    (H, W), (kh, kw), (sh, sw), (ph, pw) = two(size), two(kernel), two(stride), two(padding)
    N, C = columns.shape[0], columns.shape[1] // (kh * kw)
    out_h, out_w = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    columns = columns.reshape(N, C, kh, kw, out_h, out_w)
    image = torch.zeros((N, C, H + 2 * ph + sh - 1, W + 2 * pw + sw - 1))
    for a in range(kh):
        for c in range(kw):
            image[:, :, a : a + sh * out_h : sh, c : c + sw * out_w : sw] += columns[:, :, a, c]
    return image[:, :, ph : H + ph, pw : W + pw]
