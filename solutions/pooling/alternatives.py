"""Right implementations of pooling, none of them like the model solution.

``at_least`` marks the textbook's way of writing, which loses what it forgets and no more.
"""

import math
from functools import reduce
from itertools import pairwise, product

import torch
import torch.nn.functional as F
from torch import nn

from autograder.suite import Alternatives

right = Alternatives(__file__)


def pair(size):
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def sizes(X, kernel, stride, padding, mode):
    """(N, C, oh, ow), kernel, stride, padding of a batch, all checked."""
    N, C, H, W = X.shape
    (kh, kw), (ph, pw) = pair(kernel), pair(padding)
    sh, sw = pair(kernel if stride is None else stride)
    if mode not in ("max", "avg"):
        raise ValueError("mode")
    if min(sh, sw, kh, kw) < 1 or min(ph, pw) < 0 or kh > H + 2 * ph or kw > W + 2 * pw:
        raise ValueError("geometry")
    shape = (N, C, (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1)
    return shape, (kh, kw), (sh, sw), (ph, pw)


def bordered(X, padding, value=0.0):
    ph, pw = padding
    return F.pad(X, (pw, pw, ph, ph), value=value)


def lowest(X):
    return -math.inf if X.is_floating_point() else torch.iinfo(X.dtype).min


def check_plane(X, pool_size, mode):
    H, W = X.shape
    ph, pw = pair(pool_size)
    assert mode in ("max", "avg") and 0 < ph <= H and 0 < pw <= W
    return ph, pw, H - ph + 1, W - pw + 1


# ---------------------------------------------------------------- pool2d


@right("loops")
def pool2d(X, pool_size, mode="max"):
    ph, pw, rows, columns = check_plane(X, pool_size, mode)
    Y = torch.empty(rows, columns, dtype=X.dtype, device=X.device)
    for i in range(rows):
        for j in range(columns):
            window = X[i:i + ph, j:j + pw]
            Y[i, j] = window.max() if mode == "max" else window.mean()
    return Y


@right("one-slice-per-pixel-of-the-window")
def pool2d(X, pool_size, mode="max"):
    ph, pw, rows, columns = check_plane(X, pool_size, mode)
    shifted = [X[a:a + rows, b:b + columns] for a, b in product(range(ph), range(pw))]
    return reduce(torch.maximum, shifted) if mode == "max" else sum(shifted) / len(shifted)


@right("as-strided")
def pool2d(X, pool_size, mode="max"):
    ph, pw, rows, columns = check_plane(X, pool_size, mode)
    windows = X.as_strided((rows, columns, ph, pw), (*X.stride(), *X.stride()), X.storage_offset())
    windows = windows.reshape(rows, columns, -1)
    return windows.max(-1).values if mode == "max" else windows.mean(-1)


@right("columns-of-unfold")
def pool2d(X, pool_size, mode="max"):
    ph, pw, rows, columns = check_plane(X, pool_size, mode)
    wide = X if X.is_floating_point() else X.double()  # unfold knows no integers
    found = F.unfold(wide[None, None], (ph, pw))[0]
    best = found.max(0)[0] if mode == "max" else found.mean(0)
    return best.reshape(rows, columns).to(X.dtype)


@right("rows-then-columns")
def pool2d(X, pool_size, mode="max"):
    ph, pw, _, _ = check_plane(X, pool_size, mode)
    by = torch.amax if mode == "max" else torch.mean
    return by(by(X.unfold(0, ph, 1), -1).unfold(1, pw, 1), -1)


@right("maximum-by-relu-and-average-by-convolution")
def pool2d(X, pool_size, mode="max"):
    ph, pw, rows, columns = check_plane(X, pool_size, mode)
    if mode == "avg":
        weights = torch.ones(1, 1, ph, pw, dtype=X.dtype, device=X.device) / (ph * pw)
        return F.conv2d(X[None, None], weights)[0, 0]
    Y = X[:rows, :columns]
    for a, b in product(range(ph), range(pw)):
        Y = Y + F.relu(X[a:a + rows, b:b + columns] - Y)
    return Y


@right("summed-area-table-and-doubling")
def pool2d(X, pool_size, mode="max"):
    ph, pw, _, _ = check_plane(X, pool_size, mode)
    if mode == "avg":
        S = F.pad(X, (1, 0, 1, 0)).cumsum(0).cumsum(1)
        S = S[ph:] - S[:-ph]
        return (S[:, pw:] - S[:, :-pw]) / (ph * pw)

    def widest(X, size):  # along the first axis: the maximum over two halves that may overlap
        if size == 1:
            return X
        half = widest(X, (size + 1) // 2)
        return torch.maximum(half[:len(X) - size + 1], half[len(half) - (len(X) - size + 1):])

    return widest(widest(X, ph).T, pw).T


@right("average-by-fft")
def pool2d(X, pool_size, mode="max"):
    ph, pw, rows, columns = check_plane(X, pool_size, mode)
    if mode == "max":
        return X.unfold(0, ph, 1).unfold(1, pw, 1).flatten(-2).topk(1).values[..., 0]
    kernel = X.new_full((ph, pw), 1 / (ph * pw))
    product = torch.fft.rfft2(X) * torch.fft.rfft2(kernel, s=X.shape).conj()
    return torch.fft.irfft2(product, s=X.shape)[:rows, :columns]


@right("textbook-loops", at_least=0.75)
def pool2d(X, pool_size, mode="max"):
    p_h, p_w = pool_size
    Y = torch.zeros((X.shape[0] - p_h + 1, X.shape[1] - p_w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            if mode == "max":
                Y[i, j] = X[i:i + p_h, j:j + p_w].max()
            elif mode == "avg":
                Y[i, j] = X[i:i + p_h, j:j + p_w].mean()
    return Y


# ---------------------------------------------------------------- pool2d_full


@right("full-loops")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    shape, (kh, kw), (sh, sw), (ph, pw) = sizes(X, kernel, stride, padding, mode)
    H, W = X.shape[2:]
    Y = torch.zeros(shape, dtype=X.dtype, device=X.device)
    for i in range(shape[2]):
        for j in range(shape[3]):
            top, left = i * sh - ph, j * sw - pw  # the window may stick out: cut it off
            window = X[:, :, max(0, top):min(H, top + kh), max(0, left):min(W, left + kw)]
            count = kh * kw if count_include_pad else window.shape[2] * window.shape[3]
            Y[:, :, i, j] = window.amax((2, 3)) if mode == "max" else window.sum((2, 3)) / count
    return Y


@right("six-loops")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    (N, C, oh, ow), (kh, kw), (sh, sw), (ph, pw) = sizes(X, kernel, stride, padding, mode)
    H, W = X.shape[2:]
    Y = X.new_empty(N, C, oh, ow)
    for n, c, i, j in product(range(N), range(C), range(oh), range(ow)):
        places = [(i * sh - ph + a, j * sw - pw + b) for a, b in product(range(kh), range(kw))]
        pixels = torch.stack([X[n, c, y, x] for y, x in places if 0 <= y < H and 0 <= x < W])
        count = kh * kw if count_include_pad else len(pixels)
        Y[n, c, i, j] = pixels.max() if mode == "max" else pixels.sum() / count
    return Y


@right("one-slice-per-tap")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    (_, _, oh, ow), (kh, kw), (sh, sw), padding = sizes(X, kernel, stride, padding, mode)

    def taps(Z):
        return [Z[:, :, a:a + (oh - 1) * sh + 1:sh, b:b + (ow - 1) * sw + 1:sw]
                for a, b in product(range(kh), range(kw))]

    if mode == "max":
        return reduce(torch.maximum, taps(bordered(X, padding, lowest(X))))
    count = kh * kw if count_include_pad else sum(taps(bordered(torch.ones_like(X), padding)))
    return sum(taps(bordered(X, padding))) / count


@right("columns-and-counts-of-unfold", is_for_tests=False)  # exact below 2**53
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    shape, kernel, stride, padding = sizes(X, kernel, stride, padding, mode)
    H, W = X.shape[2:]
    if len(X) == 0:
        return X.new_zeros(shape)

    def columns(Z, value=0.0):
        Z = Z if Z.is_floating_point() else Z.double()
        return F.unfold(bordered(Z.reshape(-1, 1, H, W), padding, value), kernel, stride=stride)

    if mode == "max":
        return columns(X, -1e30).amax(1).reshape(shape).to(X.dtype)
    total = columns(X).sum(1)
    one = columns(X.new_ones(1, 1, H, W))
    count = one.shape[1] if count_include_pad else one.sum(1)
    return (total / count).reshape(shape)


@right("full-as-strided")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    shape, (kh, kw), (sh, sw), padding = sizes(X, kernel, stride, padding, mode)
    if mode == "max":
        X = bordered(X, padding, lowest(X)).contiguous()
    else:
        X = bordered(torch.cat([X, torch.ones_like(X)]), padding).contiguous()
    n, c, h, w = X.stride()
    windows = X.as_strided((len(X), *shape[1:], kh, kw), (n, c, h * sh, w * sw, h, w))
    if mode == "max":
        return windows.flatten(-2).max(-1).values
    total, count = windows.sum((-1, -2)).tensor_split([shape[0]])
    return total / (count if count_include_pad is False else kh * kw)


@right("separable")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    _, (kh, kw), (sh, sw), padding = sizes(X, kernel, stride, padding, mode)
    if mode == "max":
        rows = bordered(X, padding, lowest(X)).unfold(2, kh, sh).amax(-1)
        return rows.unfold(3, kw, sw).amax(-1)

    def average(Z):
        return bordered(Z, padding).unfold(2, kh, sh).mean(-1).unfold(3, kw, sw).mean(-1)

    return average(X) if count_include_pad else average(X) / average(torch.ones_like(X))


@right("average-by-grouped-convolution")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    (_, _, oh, ow), (kh, kw), stride, padding = sizes(X, kernel, stride, padding, mode)
    if mode == "avg":
        def total(Z):
            return F.conv2d(Z, Z.new_ones(Z.shape[1], 1, kh, kw), None, stride, padding,
                            groups=Z.shape[1])

        count = kh * kw if count_include_pad else total(X.new_ones(1, 1, *X.shape[2:]))
        return total(X) / count
    X = bordered(X, padding, lowest(X))  # rows and columns of all windows by fancy indexing
    rows = torch.arange(oh)[:, None] * stride[0] + torch.arange(kh)
    columns = torch.arange(ow)[:, None] * stride[1] + torch.arange(kw)
    windows = X[:, :, rows.to(X.device)[:, None, :, None], columns.to(X.device)[None, :, None, :]]
    return windows.amax((-2, -1))


@right("class-and-matrices")
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    class Pool(nn.Module):
        def __init__(self, kernel, stride, padding):
            super().__init__()
            self.axes = list(zip(kernel, stride, padding, strict=True))

        def reach(self, n, axis):
            """One row for each window, true where it covers a pixel."""
            k, s, p = self.axes[axis]
            starts = torch.arange((n + 2 * p - k) // s + 1)[:, None] * s - p
            offset = torch.arange(n)[None] - starts
            return ((offset >= 0) & (offset < k)).to(X.device)

        def forward(self, X):
            A, B = self.reach(X.shape[2], 0), self.reach(X.shape[3], 1)
            if mode == "avg":
                A, B = A.to(X.dtype), B.to(X.dtype)
                count = self.axes[0][0] * self.axes[1][0]
                if not count_include_pad:
                    count = torch.outer(A.sum(1), B.sum(1))
                return torch.einsum("ih,nchw,jw->ncij", A, X, B) / count
            rows = torch.where(A[:, :, None], X[:, :, None], lowest(X)).amax(3)
            return torch.where(B, rows[:, :, :, None], lowest(X)).amax(4)

    _, *geometry = sizes(X, kernel, stride, padding, mode)
    return Pool(*geometry)(X)


@right("textbook-loops-per-channel", at_least=0.75)
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    stride = kernel if stride is None else stride
    (p_h, p_w), (s_h, s_w), (top, left) = pair(kernel), pair(stride), pair(padding)
    fill = float("-inf") if mode == "max" else 0
    inside = F.pad(torch.ones_like(X), (left, left, top, top))
    X = F.pad(X, (left, left, top, top), value=fill)
    Y = torch.zeros((X.shape[0], X.shape[1], (X.shape[2] - p_h) // s_h + 1,
                     (X.shape[3] - p_w) // s_w + 1))
    for n in range(Y.shape[0]):
        for c in range(Y.shape[1]):
            for i in range(Y.shape[2]):
                for j in range(Y.shape[3]):
                    here = slice(i * s_h, i * s_h + p_h), slice(j * s_w, j * s_w + p_w)
                    if mode == "max":
                        Y[n, c, i, j] = X[n, c][here].max()
                    elif mode == "avg" and count_include_pad:
                        Y[n, c, i, j] = X[n, c][here].mean()
                    elif mode == "avg":
                        Y[n, c, i, j] = X[n, c][here].sum() / inside[n, c][here].sum()
    return Y


# ---------------------------------------------------------------- adaptive_avg_pool2d


def check_output(X, output_size):
    if X.dim() != 4 or min(pair(output_size)) < 1:
        raise ValueError("X or output_size")
    return (*X.shape[2:], *pair(output_size))


def start(i, n, o):
    return i * n // o


def end(i, n, o):
    return ((i + 1) * n + o - 1) // o


@right("adaptive-loops")
def adaptive_avg_pool2d(X, output_size):
    H, W, oh, ow = check_output(X, output_size)
    Y = X.new_zeros(*X.shape[:2], oh, ow)
    for i in range(oh):
        for j in range(ow):
            window = X[:, :, start(i, H, oh):end(i, H, oh), start(j, W, ow):end(j, W, ow)]
            Y[:, :, i, j] = window.mean(dim=(2, 3))
    return Y


@right("multiply-then-divide-in-floating-point")
def adaptive_avg_pool2d(X, output_size):
    H, W, oh, ow = check_output(X, output_size)
    return torch.stack([
        torch.stack([
            X[:, :, math.floor(i * H / oh):math.ceil((i + 1) * H / oh),
              math.floor(j * W / ow):math.ceil((j + 1) * W / ow)].mean((2, 3))
            for j in range(ow)], -1)
        for i in range(oh)], -2)


@right("einsum-with-two-matrices")
def adaptive_avg_pool2d(X, output_size):
    H, W, oh, ow = check_output(X, output_size)

    def shares(n, o):
        A = X.new_zeros(o, n)
        for i in range(o):
            A[i, start(i, n, o):end(i, n, o)] = 1 / (end(i, n, o) - start(i, n, o))
        return A

    return torch.einsum("ih,nchw,jw->ncij", shares(H, oh), X, shares(W, ow))


@right("masks-and-matmul")
def adaptive_avg_pool2d(X, output_size):
    H, W, oh, ow = check_output(X, output_size)

    def inside(n, o):
        i, pixel = torch.arange(o)[:, None], torch.arange(n)[None]
        return ((pixel >= i * n // o) & (pixel < -((i + 1) * n // -o))).to(X.device, X.dtype)

    A, B = inside(H, oh), inside(W, ow)
    return A @ X @ B.mT / (A.sum(1)[:, None] * B.sum(1))


@right("summed-area-table")
def adaptive_avg_pool2d(X, output_size):
    H, W, oh, ow = check_output(X, output_size)
    S = F.pad(X, (1, 0, 1, 0)).cumsum(2).cumsum(3)
    t, b = ([bound(i, H, oh) for i in range(oh)] for bound in (start, end))
    l, r = ([bound(j, W, ow) for j in range(ow)] for bound in (start, end))  # noqa: E741
    total = S[:, :, b][..., r] - S[:, :, t][..., r] - S[:, :, b][..., l] + S[:, :, t][..., l]
    heights = X.new_tensor([y - x for x, y in zip(t, b, strict=True)]) if not X.is_meta else \
        X.new_ones(oh)
    widths = X.new_tensor([y - x for x, y in zip(l, r, strict=True)]) if not X.is_meta else \
        X.new_ones(ow)
    return total / torch.outer(heights, widths)


@right("one-axis-at-a-time")
def adaptive_avg_pool2d(X, output_size):
    H, W, oh, ow = check_output(X, output_size)

    def last_axis(X, n, o):
        return torch.cat([X[..., start(i, n, o):end(i, n, o)].mean(-1, keepdim=True)
                          for i in range(o)], -1)

    return last_axis(last_axis(X, W, ow).mT, H, oh).mT


@right("repeat-every-pixel")
def adaptive_avg_pool2d(X, output_size):
    H, W, oh, ow = check_output(X, output_size)
    pieces = [part.mean(2) for part in (X[:, :, start(i, H, oh):end(i, H, oh)] for i in range(oh))]
    rows = torch.stack(pieces, 2)
    index = [torch.arange(start(j, W, ow), end(j, W, ow), device=X.device) for j in range(ow)]
    return torch.stack([rows.index_select(3, some).sum(3) / len(some) for some in index], 3)


@right("textbook-adaptive-loops", at_least=0.75)
def adaptive_avg_pool2d(X, output_size):
    o_h, o_w = output_size
    Y = torch.zeros((X.shape[0], X.shape[1], o_h, o_w))
    rows = [math.floor(i * X.shape[2] / o_h) for i in range(o_h)]
    columns = [math.floor(j * X.shape[3] / o_w) for j in range(o_w)]
    for i, top in enumerate(rows):
        for j, left in enumerate(columns):
            bottom = math.ceil((i + 1) * X.shape[2] / o_h)
            right_side = math.ceil((j + 1) * X.shape[3] / o_w)
            for n in range(X.shape[0]):
                for c in range(X.shape[1]):
                    Y[n, c, i, j] = X[n, c, top:bottom, left:right_side].mean()
    return Y


# ---------------------------------------------------------------- global_avg_pool2d


@right("global-flattened")
def global_avg_pool2d(X):
    N, C, _, _ = X.shape
    return X.reshape(N, C, -1).mean(-1) if N else X.new_zeros(N, C)


@right("global-einsum")
def global_avg_pool2d(X):
    return torch.einsum("nchw->nc", X) / (X.shape[2] * X.shape[3])


@right("global-two-means")
def global_avg_pool2d(X):
    if X.ndim != 4:
        raise TypeError(f"{X.ndim} dimensions")
    return X.mean(-1).mean(-1)


@right("global-matrix-product")
def global_avg_pool2d(X):
    N, C, H, W = X.shape
    weights = torch.full((H * W, 1), 1 / (H * W), dtype=X.dtype, device=X.device)
    return (X.reshape(N, C, H * W) @ weights).squeeze(-1)


@right("global-loops")
def global_avg_pool2d(X):
    N, C, H, W = X.shape
    Y = torch.zeros(N, C, dtype=X.dtype, device=X.device)
    for n, c in product(range(N), range(C)):
        Y[n, c] = X[n, c].sum() / (H * W)
    return Y


@right("global-keepdim")
def global_avg_pool2d(X):
    assert X.dim() == 4
    return torch.mean(X, dim=[2, 3], keepdim=True).flatten(1)


@right("global-textbook-loops", at_least=0.75)
def global_avg_pool2d(X):
    Y = torch.zeros(X.shape[0], X.shape[1])
    for n in range(X.shape[0]):
        for c in range(X.shape[1]):
            Y[n, c] = X[n, c].mean()
    return Y


# ---------------------------------------------------------------- pool_output_size


@right("counting-starts")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    if stride < 1 or padding < 0 or k > n + 2 * padding:
        raise ValueError("no window")
    starts = range(0, n + padding if ceil_mode else n + 2 * padding - k + 1, stride)
    if not ceil_mode:
        return len(starts)
    # A window counts if the one before it has not reached the end, and it starts soon enough.
    return 1 + sum(before + k < n + 2 * padding for before, _ in pairwise(starts))


@right("walking")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    assert stride > 0 and padding >= 0 and k <= n + 2 * padding
    size, end = 1, k
    while end < n + 2 * padding:
        end += stride
        if end > n + 2 * padding and not (ceil_mode and end - k < n + padding):
            break
        size += 1
    return size


@right("floating-point-floor-and-ceil")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    steps = (n + 2 * padding - k) / stride
    if steps < 0 or stride <= 0 or padding < 0:
        raise ValueError("no window")
    size = (math.ceil(steps) if ceil_mode else math.floor(steps)) + 1
    if ceil_mode and (size - 1) * stride >= n + padding:
        size = size - 1
    return size


@right("asking-torch")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    line = torch.empty(1, 1, n, device="meta")
    return F.max_pool1d(line, k, stride, padding, ceil_mode=ceil_mode).shape[-1]


@right("textbook-formula", at_least=0.75)
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    rounding = math.ceil if ceil_mode else math.floor
    size = rounding((n - k + 2 * padding + stride) / stride)
    if ceil_mode and (size - 1) * stride >= n + padding:
        size -= 1
    return size


# ---------------------------------------------------------------- test_pool2d_full


@right("torch-is-asked-about-everything")
def test_pool2d_full(f):
    numbers = torch.Generator().manual_seed(5)
    X = 300 * torch.randn(3, 2, 9, 7, generator=numbers, dtype=torch.float64)
    X[:, :, 1::2, ::3] = 0
    for kernel, stride, padding in ((2, None, 0), (3, 2, 1), ((3, 2), None, 0),
                                    ((2, 3), (1, 2), (1, 0)), ((4, 3), (3, 2), (2, 1))):
        for Z in (X, X - 1000, X[:0]):
            torch.testing.assert_close(
                f(Z, kernel, stride, padding), F.max_pool2d(Z, kernel, stride, padding))
            for counts in (False, True):
                torch.testing.assert_close(
                    f(Z, kernel, stride, padding, "avg", counts),
                    F.avg_pool2d(Z, kernel, stride, padding, count_include_pad=counts))
    torch.testing.assert_close(f(X, 2), F.max_pool2d(X, 2))
    torch.testing.assert_close(f(X, 3), F.max_pool2d(X, 3))
    torch.testing.assert_close(f(X, 3, 1, 1, "avg"), F.avg_pool2d(X, 3, 1, 1))
    torch.testing.assert_close(f(X.long(), 3, 1, 1), F.max_pool2d(X.long(), 3, 1, 1))
    assert f(X.to("meta"), 3).is_meta
    for arguments in ((X, (10, 1)), (X, (1, 8)), (X, 2, 2, 0, "mean"), (X, 2, 2, -1), (X, 2, 0),
                      (X[0, 0], 2)):
        try:
            f(*arguments)
        except ValueError:
            continue
        raise AssertionError(arguments[1:])


@right("small-images-by-hand", at_least=0.6)
def test_pool2d_full(f):
    X = torch.arange(2 * 2 * 4 * 6.0).reshape(2, 2, 4, 6) - 200
    assert f(X, 2)[1, 0].tolist() == [[-145, -143, -141], [-133, -131, -129]]
    assert f(X, (3, 2), (1, 4))[0, 1].tolist() == [[-163, -159], [-157, -153]]
    assert f(X, 3, 2, 1)[0, 0].tolist() == [[-193, -191, -189], [-181, -179, -177]]
    corner = torch.ones(1, 1, 4, 4)
    assert torch.allclose(f(corner, 3, 2, 1, "avg")[0, 0, 0, 0], torch.tensor(4 / 9))
    assert torch.allclose(f(corner, 3, 2, 1, "avg", False), torch.ones(1, 1, 2, 2))
    for arguments in ((X, 7), (X, 2, None, 0, "median"), (X, 2, None, -1)):
        try:
            f(*arguments)
        except ValueError:
            continue
        raise AssertionError(arguments[1:])
