"""Wrong ideas about convolution in groups that students have, as they would write them.

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


def convolved(X, W, b=None, stride=1, padding=0, dilation=1):
    if W.dim() != 4 or X.shape[1] != W.shape[1]:
        raise ValueError("channels differ")
    Y = torch.einsum("nchwab,ocab->nohw", windows_of(X, W.shape[2:], stride, padding, dilation), W)
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


def in_float32(Y):
    """Y, put into what torch.zeros makes without a dtype."""
    buffer = torch.zeros(Y.shape, device=Y.device)
    buffer += Y
    return buffer


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
    "groups-interleaved",
    "Group g has the channels and the kernels g, g + groups, … . A group is a block of neighbours, "
    "of channels and of kernels.",
)
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    grouped(X, W, b, stride, padding, groups)
    channels = torch.cat([X[:, g::groups] for g in range(groups)], 1)
    kernels = torch.cat([W[g::groups] for g in range(groups)])
    return grouped(channels, kernels, b, stride, padding, groups)


@wrong(
    "groups-added-up",
    "The groups' answers are added up. Groups are independent: put their channels one after the "
    "other.",
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
    "It fails for integer tensors: F.unfold, for example, takes floating-point tensors only.",
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
