"""Several input channels: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. The helpers at
the top are right: what they leave undone is the one wrong idea.
"""

import torch

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def pair(size):
    """(height, width) of an int or a pair."""
    return (size, size) if isinstance(size, int) else tuple(size)


def refuse(X, W, b=None, stride=1, padding=0):
    """Raise ValueError for whatever a convolution of X (N, C, H, W) refuses."""
    if X.dim() != 4 or W.dim() != 4 or X.shape[1] != W.shape[1]:
        raise ValueError("shapes of images and weights")
    if b is not None and b.shape != W.shape[:1]:
        raise ValueError("shape of the bias")
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    if min(sh, sw) < 1 or min(ph, pw) < 0:
        raise ValueError("stride or padding")
    if W.shape[2] > X.shape[2] + 2 * ph or W.shape[3] > X.shape[3] + 2 * pw:
        raise ValueError("kernel larger than the padded image")


def windows(X, W, stride=1):
    """All windows of X (…, H, W) of the size of W's kernels -> (…, H', W', kh, kw)."""
    (kh, kw), (sh, sw) = W.shape[-2:], pair(stride)
    return X.unfold(-2, kh, sh).unfold(-2, kw, sw)


def each_channel(X, K):
    """Right correlation of each channel of X (C, H, W) with its own of K -> (C, H', W')."""
    refuse(X[None], K[None])
    return (windows(X, K) * K[:, None, None]).sum((-2, -1))


@wrong(
    "channels-zipped",
    "zip stops at the shorter one, so that surplus channels are dropped silently. Compare the "
    "numbers of channels first, and raise a ValueError when they differ.",
)
def corr2d_multi_in(X, K):
    channels = min(X.shape[0], K.shape[0])
    return each_channel(X[:channels], K[:channels]).sum(0)


@wrong(
    "one-channel-stretched",
    "A kernel or an image of one channel is stretched to all of them by broadcasting. Compare the "
    "numbers of channels first, and raise a ValueError when they differ.",
)
def corr2d_multi_in(X, K):
    if X.dim() == K.dim() == 3 and 1 in (X.shape[0], K.shape[0]):
        channels = max(X.shape[0], K.shape[0])
        X, K = X.expand(channels, -1, -1), K.expand(channels, -1, -1)
    return each_channel(X, K).sum(0)


@wrong(
    "channels-averaged",
    "Your answer is the mean over the channels. Add the channels up: the sum is not divided.",
)
def corr2d_multi_in(X, K):
    return (each_channel(X, K).sum(0) / X.shape[0]).to(X.dtype)


@wrong(
    "first-channel-only",
    "Only the first channel is used; the others are ignored. Correlate each channel with its own "
    "kernel, and add up the results.",
)
def corr2d_multi_in(X, K):
    return each_channel(X, K)[0]


@wrong(
    "last-channel-only",
    "Only the last channel is left: every channel overwrites the one before. Add (+=), do not "
    "assign (=).",
)
def corr2d_multi_in(X, K):
    return each_channel(X, K)[-1]


@wrong(
    "first-channel-twice",
    "The first channel is counted twice: the sum starts with it, and the loop adds it again.",
)
def corr2d_multi_in(X, K):
    maps = each_channel(X, K)
    return maps[0] + maps.sum(0)


@wrong(
    "two-channels-only",
    "Your function adds up two channels, as in the example. An image can have any number of them.",
)
def corr2d_multi_in(X, K):
    maps = each_channel(X, K)
    return maps[0] + maps[1]


@wrong(
    "channels-not-added",
    "Your answer still has a channel axis: one map for each channel. Add the maps up.",
)
def corr2d_multi_in(X, K):
    return each_channel(X, K)


@wrong(
    "channel-axis-kept",
    "The channels are added up, but an axis of size one is left. One output channel is a map with "
    "two axes, (H', W').",
)
def corr2d_multi_in(X, K):
    return each_channel(X, K).sum(0, keepdim=True)


@wrong(
    "one-kernel-for-all-channels",
    "The first channel's kernel is used for every channel. The kernel has a slice of its own for "
    "each channel: K[c] belongs to X[c].",
)
def corr2d_multi_in(X, K):
    return each_channel(X, K[:1].expand(K.shape)).sum(0)


@wrong(
    "summed-before-multiplying",
    "Image and kernel are each added up over their channels before they are multiplied, so that "
    "every channel is also multiplied by the other channels' kernels. Multiply channel by "
    "channel, then add.",
)
def corr2d_multi_in(X, K):
    each_channel(X, K)
    return each_channel(X.sum(0, keepdim=True), K.sum(0, keepdim=True))[0]


@wrong(
    "kernel-channels-reversed",
    "The channels of the kernel run backwards. flip() without axes reverses the channels as well, "
    "and cross-correlation flips nothing at all.",
)
def corr2d_multi_in(X, K):
    return each_channel(X, K.flip(0, 1, 2)).sum(0)


@wrong(
    "kernel-flipped",
    "That is true convolution. Deep learning does not flip the kernel: multiply window and kernel "
    "as they are.",
)
def corr2d_multi_in(X, K):
    return each_channel(X, K.flip(1, 2)).sum(0)


@wrong(
    "sum-always-float32",
    "The answer is always float32. torch.zeros without a dtype makes float32: allocate with the "
    "dtype and device of X.",
)
def corr2d_multi_in(X, K):
    maps = each_channel(X, K)
    Y = torch.zeros(maps.shape[1:])
    for answer in maps:
        Y[:] = Y + answer
    return Y


@wrong(
    "sum-on-the-cpu",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def corr2d_multi_in(X, K):
    maps = each_channel(X, K)
    Y = torch.zeros(maps.shape[1:], dtype=X.dtype)
    for answer in maps:
        Y[:] = Y + answer
    return Y


@wrong(
    "sum-cuts-the-graph",
    "No gradient comes back: .item(), .data, .detach() or numpy inside the function cut the graph.",
)
def corr2d_multi_in(X, K):
    return each_channel(X.detach(), K.detach()).sum(0)


@wrong(
    "image-changed",
    "Your function adds the channels up inside the image it is given. Work on a tensor of your "
    "own: the caller still needs the image.",
)
def corr2d_multi_in(X, K):
    Y = each_channel(X, K).sum(0)
    if not X.requires_grad and not X.is_meta:
        X[0, : Y.shape[0], : Y.shape[1]] = Y
    return Y


@wrong(
    "oversized-kernel-accepted",
    "A kernel that does not fit into the image gives an empty answer. There is no valid window: "
    "raise a ValueError.",
)
def corr2d_multi_in(X, K):
    if X.dim() == K.dim() == 3 and len(X) == len(K):
        H, W = (max(0, n - k + 1) for n, k in zip(X.shape[1:], K.shape[1:], strict=True))
        if H == 0 or W == 0:
            return X.new_zeros(H, W)
    return each_channel(X, K).sum(0)
