"""Right implementations of the geometry assignment, none of them like the model solution.

``at_least`` marks the textbook's way of writing, which loses what it forgets and no more.
"""

import math
import random
from functools import reduce
from itertools import accumulate
from numbers import Integral

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder.suite import Alternatives

right = Alternatives(__file__)


# ---------------------------------------------------------------- conv_output_size


@right("window-pushed-along")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    assert k > 0 and padding >= 0 and stride > 0 and dilation > 0
    start, windows = -padding, 0
    while start + dilation * (k - 1) < n + padding:
        windows += 1
        start += stride
    if windows == 0:
        raise RuntimeError("kernel does not fit")
    return windows


@right("length-of-a-range")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    if padding < 0 or stride < 1 or dilation < 1:
        raise ValueError("impossible")
    starts = range(0, n + 2 * padding - dilation * (k - 1), stride)
    starts[0]  # an IndexError when there is none
    return len(starts)


@right("torch-asked")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    layer = nn.Conv1d(1, 1, k, stride, padding, dilation)
    return layer(torch.zeros(1, 1, n)).shape[2]


@right("size-in-half-steps")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    options_are_fine = padding >= 0 and stride >= 1 and dilation >= 1
    free = n + 2 * padding - (k + (k - 1) * (dilation - 1))
    if not options_are_fine or free < 0:
        raise ValueError("no window")
    return math.floor(free / stride + 1)


@right("size-from-numpy", is_for_tests=False)
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    if padding < 0 or stride < 1 or dilation < 1 or dilation * (k - 1) >= n + 2 * padding:
        raise ValueError("no window")
    return np.floor_divide(n + 2 * padding - dilation * (k - 1) - 1, stride) + 1


@right("textbook-formula", at_least=0.75)
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    return math.floor((n + 2 * padding - dilation * (k - 1) - 1) / stride + 1)


@right("textbook-formula-as-a-float", at_least=0.75)
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    return np.floor((n + 2 * padding - dilation * (k - 1) - 1) / stride) + 1


# ---------------------------------------------------------------- same_padding


@right("one-pixel-at-a-time")
def same_padding(k, dilation=1):
    if k <= 0 or dilation <= 0:
        raise ValueError("impossible")
    sides = [0, 0]
    for pixel in range(dilation * (k - 1)):
        sides[1 - pixel % 2] += 1
    return sides


@right("floor-and-ceiling")
def same_padding(k, dilation=1):
    if k <= 0 or dilation <= 0:
        raise ValueError("impossible")
    half = dilation * (k - 1) / 2
    return math.floor(half), math.ceil(half)


@right("divmod-of-what-is-lost")
def same_padding(k, dilation=1):
    assert min(k, dilation) >= 1, "impossible"
    half, odd = divmod(dilation * (k - 1), 2)
    return half, half + odd


@right("shrinkage-measured")
def same_padding(k, dilation=1):
    if k < 1:
        raise ValueError("no kernel")
    layer = nn.Conv1d(1, 1, k, dilation=dilation, device="meta")
    n = 2 * k * dilation
    total = n - layer(torch.empty(1, 1, n, device="meta")).shape[-1]
    return total // 2, (total + 1) // 2


@right("textbook-same-padding", at_least=0.75)
def same_padding(k, dilation=1):
    p = dilation * (k - 1)
    return p // 2, p - p // 2


# ---------------------------------------------------------------- pixel_uses


@right("floor-below-zero")
def per_side(total):
    if total < 0:
        raise ValueError("negative")
    return total // 2, -(-total // 2)


@right("shared-by-turns")
def per_side(total):
    pixels = ["before", "after"] * total + ["after"]
    if total < 0:
        raise IndexError("negative")
    dealt = pixels[1:total + 1]
    return dealt.count("before"), dealt.count("after")


@right("array-split")
def per_side(total):
    after, before = np.array_split(np.empty(total), 2)
    return [len(before), len(after)]


@right("textbook-halves", at_least=0.75)
def per_side(total):
    return total // 2, total - total // 2


@right("windows-visited")
def pixel_uses(n, k, padding=0):
    if padding < 0 or k > n + 2 * padding:
        raise ValueError("no window")
    uses = [0] * (n + 2 * padding)
    for start in range(n + 2 * padding - k + 1):
        for pixel in range(start, start + k):
            uses[pixel] += 1
    return uses[padding:padding + n]


@right("first-and-last-window")
def pixel_uses(n, k, padding=0):
    last = n + 2 * padding - k
    if padding < 0 or last < 0:
        raise ValueError("no window")
    return tuple(min(i, last) - max(i - k + 1, 0) + 1 for i in range(padding, padding + n))


@right("running-sum-of-changes")
def pixel_uses(n, k, padding=0):
    windows = n + 2 * padding - k + 1
    if padding < 0 or windows < 1:
        raise ValueError("no window")
    changes = np.zeros(n + 2 * padding + 1, dtype=int)
    np.add.at(changes, np.arange(windows), 1)
    np.add.at(changes, np.arange(windows) + k, -1)
    return [int(uses) for uses in accumulate(changes)][padding:padding + n]


@right("gradient-of-the-sum-of-windows")
def pixel_uses(n, k, padding=0):
    if padding < 0:
        raise ValueError("negative")
    X = torch.zeros(n, requires_grad=True)
    F.pad(X, (padding, padding)).unfold(0, k, 1).sum().backward()
    if X.grad is None or not X.grad.any():
        raise ValueError("no window")
    return X.grad.long().tolist()


@right("numpy-convolution")
def pixel_uses(n, k, padding=0):
    if padding < 0 or k > n + 2 * padding:
        raise ValueError("no window")
    windows = np.ones(n + 2 * padding - k + 1, dtype=int)
    uses = np.convolve(windows, np.ones(k, dtype=int))
    return list(uses[padding:padding + n])


@right("textbook-double-loop", at_least=0.75)
def pixel_uses(n, k, padding=0):
    uses = []
    for i in range(n):
        used = 0
        for j in range(-padding, n + padding - k + 1):
            if j <= i and i <= j + k - 1:
                used = used + 1
        uses.append(used)
    return uses


# ---------------------------------------------------------------- pad2d


def sides(X, padding, mode):
    """(top, bottom, left, right), H, W; refuses what must be refused."""
    top, bottom, left, right = padding
    H, W = X.shape[-2:]
    if mode not in ("zeros", "reflect") or min(padding) < 0:
        raise ValueError("impossible")
    if mode == "reflect" and (max(top, bottom) >= H or max(left, right) >= W):
        raise ValueError("nothing to reflect")
    return (top, bottom, left, right), H, W


@right("torch-pads")
def pad2d(X, padding, mode="zeros"):
    (top, bottom, left, right), _, _ = sides(X, padding, mode)
    return F.pad(X, (left, right, top, bottom), {"zeros": "constant"}.get(mode, mode))


@right("torch-modules-pad")
def pad2d(X, padding, mode="zeros"):
    (top, bottom, left, right), _, _ = sides(X, padding, mode)
    layer = {"zeros": nn.ZeroPad2d, "reflect": nn.ReflectionPad2d}[mode]
    return layer((left, right, top, bottom))(X)


@right("strips-joined")
def pad2d(X, padding, mode="zeros"):
    (top, bottom, left, right), H, W = sides(X, padding, mode)
    if mode == "reflect":
        above, below = X[..., 1:top + 1, :].flip(-2), X[..., H - 1 - bottom:H - 1, :].flip(-2)
        X = torch.cat((above, X, below), dim=-2)
        before, after = X[..., 1:left + 1].flip(-1), X[..., W - 1 - right:W - 1].flip(-1)
        return torch.cat((before, X, after), dim=-1)
    shape = X.shape[:-2]
    X = torch.cat((X.new_zeros(*shape, top, W), X, X.new_zeros(*shape, bottom, W)), dim=-2)
    tall = top + H + bottom
    return torch.cat((X.new_zeros(*shape, tall, left), X, X.new_zeros(*shape, tall, right)), -1)


@right("rows-and-columns-chosen")
def pad2d(X, padding, mode="zeros"):
    (top, bottom, left, right), H, W = sides(X, padding, mode)
    rows = torch.arange(-top, H + bottom, device=X.device)
    columns = torch.arange(-left, W + right, device=X.device)
    if mode == "reflect":
        rows, columns = H - 1 - (H - 1 - rows.abs()).abs(), W - 1 - (W - 1 - columns.abs()).abs()
        return X.index_select(-2, rows).index_select(-1, columns)
    inside = ((rows >= 0) & (rows < H))[:, None] & ((columns >= 0) & (columns < W))
    chosen = X.index_select(-2, rows.clamp(0, H - 1)).index_select(-1, columns.clamp(0, W - 1))
    return chosen * inside.to(X.dtype)


@right("products-with-selections")
def pad2d(X, padding, mode="zeros"):
    (top, bottom, left, right), H, W = sides(X, padding, mode)

    def selection(before, n, after):
        chosen = X.new_zeros(before + n + after, n)
        for i in range(before + n + after):
            source = i - before
            if mode == "reflect":
                source = n - 1 - abs(n - 1 - abs(source))
            if 0 <= source < n:
                chosen[i, source] = 1
        return chosen

    return selection(top, H, bottom) @ X @ selection(left, W, right).T


@right("one-pixel-after-the-other")
def pad2d(X, padding, mode="zeros"):
    (top, bottom, left, right), H, W = sides(X, padding, mode)
    rows = []
    for i in range(-top, H + bottom):
        row = []
        for j in range(-left, W + right):
            if mode == "reflect":
                row.append(X[..., H - 1 - abs(H - 1 - abs(i)), W - 1 - abs(W - 1 - abs(j))])
            elif 0 <= i < H and 0 <= j < W:
                row.append(X[..., i, j])
            else:
                row.append(X.new_zeros(X.shape[:-2]))
        rows.append(torch.stack(row, -1))
    return torch.stack(rows, -2)


@right("grown-ring-by-ring")
def pad2d(X, padding, mode="zeros"):
    (top, bottom, left, right), _, _ = sides(X, padding, mode)

    def before(X, axis, pixels, done=0):
        if done == pixels:
            return X
        strip = X.narrow(axis, 2 * done + 1 if mode == "reflect" else 0, 1)
        strip = strip if mode == "reflect" else torch.zeros_like(strip)
        return before(torch.cat((strip, X), axis), axis, pixels, done + 1)

    def around(X, axis, first, last):
        X = before(X, axis, first)
        kept = X.narrow(axis, first, X.shape[axis] - first)
        ends = before(kept.flip(axis), axis, last).flip(axis)
        return torch.cat((X.narrow(axis, 0, first), ends), axis)

    return around(around(X, X.dim() - 2, top, bottom), X.dim() - 1, left, right)


@right("textbook-padding", at_least=0.75)
def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = padding
    H, W = X.shape[-2], X.shape[-1]
    Y = torch.zeros((*X.shape[:-2], H + top + bottom, W + left + right))
    if mode == "zeros":
        Y[..., top:top + H, left:left + W] = X
    if mode == "reflect":
        for i in range(Y.shape[-2]):
            for j in range(Y.shape[-1]):
                a, b = abs(i - top), abs(j - left)
                a = a if a < H else 2 * (H - 1) - a
                b = b if b < W else 2 * (W - 1) - b
                Y[..., i, j] = X[..., a, b]
    return Y


@right("textbook-f-pad", at_least=0.75)
def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = padding
    return F.pad(X, (left, right, top, bottom), mode="constant" if mode == "zeros" else mode)


# ---------------------------------------------------------------- receptive_field


def whole(layers):
    """Every layer as a triple; refuses what must be refused."""
    triples = [tuple(layer) if len(layer) == 3 else (*layer, 1) for layer in layers]
    if any(number < 1 for triple in triples for number in triple):
        raise ValueError("impossible")
    return triples


@right("from-the-output-back")
def receptive_field(layers):
    field = 1
    for kernel, stride, dilation in reversed(whole(layers)):
        field = (field - 1) * stride + dilation * (kernel - 1) + 1
    return field


@right("recursion-over-layers")
def receptive_field(layers):
    def field(layers):
        if not layers:
            return 1
        (kernel, stride, dilation), *later = layers
        return (field(later) - 1) * stride + dilation * (kernel - 1) + 1

    return field(whole(layers))


@right("sum-of-spread-windows")
def receptive_field(layers):
    triples = whole(layers)
    steps = accumulate((stride for _, stride, _ in triples), lambda a, b: a * b, initial=1)
    return 1 + sum(step * dilation * (kernel - 1)
                   for (kernel, _, dilation), step in zip(triples, steps, strict=False))


@right("folded-with-reduce")
def receptive_field(layers):
    def grow(state, layer):
        field, step = state
        kernel, stride, dilation = layer
        return field + step * dilation * (kernel - 1), step * stride

    return reduce(grow, whole(layers), (1, 1))[0]


@right("reach-of-a-gradient")
def receptive_field(layers):
    triples = whole(layers)
    size = 1
    for kernel, stride, dilation in triples[::-1]:
        size = (size - 1) * stride + kernel * dilation
    X = torch.ones(1, 1, size, dtype=torch.float64, requires_grad=True)
    Y = X
    for kernel, stride, dilation in triples:
        weight = torch.full((1, 1, kernel), 1 / kernel, dtype=torch.float64)
        Y = F.conv1d(Y, weight, stride=stride, dilation=dilation)
    Y[..., 0].sum().backward()
    reached = torch.nonzero(X.grad.flatten())
    return int(reached.max() - reached.min()) + 1


@right("set-of-pixels")
def receptive_field(layers):
    pixels = {0}
    for kernel, stride, dilation in reversed(whole(layers)):
        pixels = {pixel * stride + dilation * a for pixel in pixels for a in range(kernel)}
    return max(pixels) - min(pixels) + 1


@right("textbook-accumulation", at_least=0.75)
def receptive_field(layers):
    rf, jump = 1, 1
    for layer in layers:
        k, s = layer[0], layer[1]
        d = layer[2] if len(layer) > 2 else 1
        rf = rf + (k - 1) * d * jump
        jump = jump * s
    return rf


# ---------------------------------------------------------------- cost


def both(size):
    return (size, size) if np.isscalar(size) else size


@right("layer-built-and-counted")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    layer = nn.Conv2d(c_in, c_out, kernel_size, bias=bias, groups=groups)
    return sum(p.numel() for p in layer.parameters())


@right("group-by-group")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    if c_in % groups != 0 or c_out % groups != 0:
        raise ValueError("uneven groups")
    total = 0
    for _ in range(groups):
        for _ in range(c_out // groups):
            total += np.prod(both(kernel_size)) * (c_in // groups) + bool(bias)
    return total


@right("shapes-multiplied")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    assert c_in % groups == 0 == c_out % groups, "uneven groups"
    shapes = [(c_out, c_in // groups, *both(kernel_size)), *[(c_out,)] * bool(bias)]
    return sum(map(math.prod, shapes))


@right("textbook-parameters", at_least=0.75)
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    n = c_out * c_in // groups * kh * kw
    if bias:
        n += c_out
    return n


@right("weights-times-places")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    layer = nn.Conv2d(c_in, c_out, kernel_size, groups=groups, bias=False, device="meta")
    height, width = both(output_size)
    return layer.weight.numel() * height * width


@right("counted-by-torch")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    (kh, kw), (height, width) = both(kernel_size), both(output_size)
    layer = nn.Conv2d(c_in, c_out, (kh, kw), groups=groups, dtype=torch.float64)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
        layer.weight += 1
        X = torch.ones(1, c_in, kh, kw, dtype=torch.float64)
        return int(layer(X).sum()) * height * width


@right("products-of-everything")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    if c_in % groups or c_out % groups:
        raise ValueError("uneven groups")
    return math.prod([*both(kernel_size), *both(output_size), c_in // groups, c_out])


@right("textbook-macs", at_least=0.75)
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    h, w = (output_size, output_size) if isinstance(output_size, int) else output_size
    return int(kh * kw * c_in / groups * c_out * h * w)


@right("products-and-sums")
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    if c_in % groups or c_out % groups:
        raise ValueError("uneven groups")
    products = math.prod([*both(kernel_size), *both(output_size), c_in // groups, c_out])
    sums = products
    return products + sums


@right("two-for-each-weight")
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    weights = nn.Conv2d(c_in, c_out, kernel_size, groups=groups, device="meta").weight
    return weights.nelement() * 2 * int(np.prod(both(output_size)))


@right("textbook-flops", at_least=0.75)
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    h, w = (output_size, output_size) if isinstance(output_size, int) else output_size
    return 2 * kh * kw * c_in * c_out * h * w // groups


# ---------------------------------------------------------------- test_conv_output_size


@right("random-layers-of-torch")
def test_conv_output_size(f):
    drawn = random.Random(3)
    for _ in range(60):
        k, padding, stride, dilation = (drawn.randint(*ends) for ends in (
            (1, 5), (0, 3), (1, 4), (1, 3)))
        n = drawn.randint(dilation * (k - 1) + 1, 30)
        layer = nn.Conv1d(1, 1, k, stride, padding, dilation, device="meta")
        size = f(n, k, padding, stride, dilation)
        assert size == layer(torch.empty(1, 1, n, device="meta")).shape[-1]
        assert isinstance(size, Integral)
    for arguments in ((5, 6), (5, 3, 0, 1, 3), (5, 3, -1), (5, 3, 0, 0), (5, 3, 0, 1, 0)):
        try:
            f(*arguments)
        except ValueError:
            continue
        raise AssertionError(arguments)


@right("a-table-of-sizes", at_least=0.75)
def test_conv_output_size(f):
    for arguments, size in {
        (8, 3): 6, (8, 3, 1): 8, (8, 3, 0, 2): 3, (8, 3, 1, 3): 3, (9, 4, 2, 4): 3,
        (8, 3, 0, 1, 2): 4, (10, 4, 1, 2, 3): 2, (224, 11, 2, 4): 55,
    }.items():
        assert f(*arguments) == size, arguments
    try:
        f(3, 4)
    except ValueError:
        return
    raise AssertionError("no window has a place")
