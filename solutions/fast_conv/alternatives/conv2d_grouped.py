"""Right implementations of conv2d_grouped that are unlike the model solution.

All must get all points. Those marked ``at_least`` are the textbook's own: they forget a dtype or
accept a kernel that does not fit, and must keep most of the points.
"""

import torch
import torch.nn.functional as F

from autograder.suite import Alternatives

right = Alternatives(__file__)


def two(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def laid_out(X, kernel, stride=1, padding=0, dilation=1):
    """Padded X, and (kh, kw), (sh, sw), (dh, dw), (H', W'); refuses what has no place."""
    kernel, stride, padding, dilation = two(kernel), two(stride), two(padding), two(dilation)
    if X.dim() != 4 or min(*kernel, *stride, *dilation) < 1 or min(padding) < 0:
        raise ValueError("not (N, C, H, W), or a window that makes no sense")
    X = F.pad(X, (padding[1], padding[1], padding[0], padding[0]))
    size = tuple((n - d * (k - 1) - 1) // s + 1
                 for n, k, s, d in zip(X.shape[2:], kernel, stride, dilation, strict=True))
    if min(size) < 1:
        raise ValueError("the window does not fit")
    return X, kernel, stride, dilation, size


def same_channels(X, W):
    if X.dim() != 4 or W.dim() != 4 or X.shape[1] != W.shape[1]:
        raise ValueError("channels differ")


def with_bias(Y, b):
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


def tap(X, a, c, stride, dilation, size):
    """The pixels that weight (a, c) meets, one for every place: (N, C, H', W')."""
    top, left = a * dilation[0], c * dilation[1]
    return X[:, :, top : top + (size[0] - 1) * stride[0] + 1 : stride[0],
             left : left + (size[1] - 1) * stride[1] + 1 : stride[1]]


def correlated(X, W, b=None, stride=1, padding=0, dilation=1):
    """One right convolution, for the alternatives that build on any."""
    same_channels(X, W)
    X, (kh, kw), stride, dilation, size = laid_out(X, W.shape[2:], stride, padding, dilation)
    Y = sum(torch.einsum("nchw,oc->nohw", tap(X, a, c, stride, dilation, size), W[:, :, a, c])
            for a in range(kh) for c in range(kw))
    return with_bias(Y, b)


def groups_fit(X, W, groups):
    if groups < 1 or X.dim() != 4 or W.dim() != 4 or X.shape[1] != groups * W.shape[1] \
            or len(W) % groups:
        raise ValueError("the channels do not fall into these groups")


@right("groups-one-by-one")
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    groups_fit(X, W, groups)
    size, per = W.shape[1], len(W) // groups
    maps = [correlated(X[:, g * size : (g + 1) * size], W[g * per : (g + 1) * per], None, stride,
                       padding) for g in range(groups)]
    return with_bias(torch.cat(maps, 1), b)


@right("one-einsum-with-a-group-axis")
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    groups_fit(X, W, groups)
    X, (kh, kw), (sh, sw), _, _ = laid_out(X, W.shape[2:], stride, padding)
    windows = X.unfold(2, kh, sh).unfold(3, kw, sw).unflatten(1, (groups, W.shape[1]))
    Y = torch.einsum("ngcijab,gocab->ngoij", windows, W.unflatten(0, (groups, len(W) // groups)))
    return with_bias(Y.flatten(1, 2), b)


@right("block-diagonal-kernels")
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    groups_fit(X, W, groups)
    per = len(W) // groups
    wide = W.new_zeros(len(W), X.shape[1], *W.shape[2:])
    for g in range(groups):
        wide[g * per : (g + 1) * per, g * W.shape[1] : (g + 1) * W.shape[1]] = \
            W[g * per : (g + 1) * per]
    return correlated(X, wide, b, stride, padding)


@right("columns-batched-by-group")
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    groups_fit(X, W, groups)
    *_, size = laid_out(X, W.shape[2:], stride, padding)
    kind = X.dtype if X.is_floating_point() else torch.float64
    columns = F.unfold(X.to(kind), W.shape[2:], padding=padding, stride=stride)
    columns = columns.unflatten(1, (groups, W[0].numel()))
    weights = W.to(kind).reshape(groups, len(W) // groups, -1)
    return with_bias((weights @ columns).to(X.dtype).flatten(1, 2).unflatten(2, size), b)


@right("output-channel-by-output-channel")
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    groups_fit(X, W, groups)
    maps = []
    for o in range(len(W)):
        first = o // (len(W) // groups) * W.shape[1]
        maps.append(correlated(X[:, first : first + W.shape[1]], W[o : o + 1], None, stride,
                               padding))
    return with_bias(torch.cat(maps, 1), b)


@right("taps-times-repeated-channels")
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    groups_fit(X, W, groups)
    X, (kh, kw), stride, dilation, size = laid_out(X, W.shape[2:], stride, padding)
    # Channel c of output o is o's group's: repeat X so that every output finds its own.
    own = X.unflatten(1, (groups, W.shape[1])).repeat_interleave(len(W) // groups, 1)
    Y = 0
    for a in range(kh):
        for c in range(kw):
            seen = tap(own.flatten(1, 2), a, c, stride, dilation, size)
            Y = Y + (seen.unflatten(1, (len(W), W.shape[1])) * W[:, :, a, c, None, None]).sum(2)
    return with_bias(Y, b)


@right("textbook-loops-grouped", at_least=0.75)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    (sh, sw), (ph, pw), (kh, kw) = two(stride), two(padding), W.shape[2:]
    X = F.pad(X, (pw, pw, ph, ph))
    Y = torch.zeros((X.shape[0], W.shape[0], (X.shape[2] - kh) // sh + 1,
                     (X.shape[3] - kw) // sw + 1))
    c_in, c_out = X.shape[1] // groups, W.shape[0] // groups
    for g in range(groups):
        part, kernels = X[:, g * c_in : (g + 1) * c_in], W[g * c_out : (g + 1) * c_out]
        for o in range(c_out):
            for i in range(Y.shape[2]):
                for j in range(Y.shape[3]):
                    window = part[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
                    Y[:, g * c_out + o, i, j] = (window * kernels[o]).sum((1, 2, 3))
    return Y if b is None else Y + b.view(1, -1, 1, 1)
