"""Several output channels: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. The helpers at
the top are right: what they leave undone is the one wrong idea.
"""

import torch
import torch.nn.functional as F

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


def pad(X, padding):
    """X with zeros on each side."""
    ph, pw = pair(padding)
    return F.pad(X, (pw, pw, ph, ph))


def convolve(X, W, b=None, stride=1, padding=0):
    """Right convolution of a batch."""
    Y = torch.einsum("nchwab,ocab->nohw", windows(pad(X, padding), W, stride), W)
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


def mixed(X, K):
    """Right correlation of X (C, H, W) with kernels (C_out, C, kh, kw) -> (C_out, H', W')."""
    refuse(X[None], K)
    return convolve(X[None], K)[0]


@wrong(
    "outputs-added",
    "The maps of the output channels are added up. Stack the outputs; only the inputs are summed.",
)
def corr2d_multi_in_out(X, K):
    return mixed(X, K).sum(0)


@wrong(
    "inputs-not-added",
    "Your answer has an axis for the input channels. Each output channel is one map: the sum over "
    "all input channels.",
)
def corr2d_multi_in_out(X, K):
    refuse(X[None], K)
    return (windows(X, K)[None] * K[:, :, None, None]).sum((-2, -1))


@wrong(
    "first-kernel-for-every-output",
    "All output channels are alike: each was made with the first kernel. K[o] makes output o.",
)
def corr2d_multi_in_out(X, K):
    return mixed(X, K)[:1].expand(K.shape[0], -1, -1)


@wrong(
    "one-buffer-for-all-outputs",
    "All output channels are like the last one: the same tensor is filled and appended again and "
    "again. Make a new one for every output channel.",
)
def corr2d_multi_in_out(X, K):
    return mixed(X, K)[-1:].expand(K.shape[0], -1, -1)


@wrong(
    "accumulator-not-reset",
    "Every output channel still holds the ones before it. Start the sum anew, from zero, for each.",
)
def corr2d_multi_in_out(X, K):
    return mixed(X, K).cumsum(0)


@wrong(
    "each-output-sees-one-input",
    "Each output channel uses one input channel only. It needs all of them: correlate X[c] with "
    "K[o, c], and sum over c.",
)
def corr2d_multi_in_out(X, K):
    refuse(X[None], K)
    outputs = torch.arange(K.shape[0])
    inputs = outputs % X.shape[0]
    return (windows(X, K)[inputs] * K[outputs, inputs, None, None]).sum((-2, -1))


@wrong(
    "in-and-out-swapped",
    "The first two axes of K are taken for each other. torch's order is (C_out, C_in, kh, kw): the "
    "output channel comes first.",
)
def corr2d_multi_in_out(X, K):
    refuse(X[None], K)
    return torch.einsum("chwab,coab->ohw", windows(X, K), K)


@wrong(
    "as-many-outputs-as-inputs",
    "Your answer has as many channels as the image. The number of output channels is K.shape[0].",
)
def corr2d_multi_in_out(X, K):
    maps = mixed(X, K)
    return torch.stack([maps[o] for o in range(X.shape[0])])


@wrong(
    "outputs-stacked-last",
    "The output channels are the last axis of your answer. They come first, (C_out, H', W'): stack "
    "along axis 0.",
)
def corr2d_multi_in_out(X, K):
    return mixed(X, K).permute(1, 2, 0)


@wrong(
    "maps-concatenated",
    "The maps stand below each other in one tall image. torch.stack makes a new axis; torch.cat "
    "does not.",
)
def corr2d_multi_in_out(X, K):
    return mixed(X, K).flatten(0, 1)


@wrong(
    "axes-of-one-dropped",
    "An axis of size one has gone missing. squeeze() removes every axis of size one, also those of "
    "a single output channel, row or column.",
)
def corr2d_multi_in_out(X, K):
    return mixed(X, K).squeeze()


@wrong(
    "kernels-transposed",
    "Rows and columns of the kernels are swapped: K[o, c, a, b] belongs to X[c, i + a, j + b].",
)
def corr2d_multi_in_out(X, K):
    return mixed(X, K.transpose(2, 3))


@wrong(
    "kernels-flipped",
    "That is true convolution. Deep learning does not flip the kernels: multiply window and kernel "
    "as they are.",
)
def corr2d_multi_in_out(X, K):
    return mixed(X, K.flip(-2, -1))


@wrong(
    "surplus-channels-dropped",
    "Where image and kernels have different numbers of channels, the surplus ones are dropped "
    "silently. Compare first, and raise a ValueError.",
)
def corr2d_multi_in_out(X, K):
    channels = min(X.shape[0], K.shape[1])
    return mixed(X[:channels], K[:, :channels])


@wrong(
    "outputs-always-float32",
    "The answer is always float32. torch.zeros without a dtype makes float32: allocate with the "
    "dtype and device of X.",
)
def corr2d_multi_in_out(X, K):
    maps = mixed(X, K)
    Y = torch.zeros(maps.shape)
    for o in range(K.shape[0]):
        Y[o] = maps[o]
    return Y


@wrong(
    "outputs-on-the-cpu",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def corr2d_multi_in_out(X, K):
    maps = mixed(X, K)
    Y = torch.zeros(maps.shape, dtype=X.dtype)
    for o in range(K.shape[0]):
        Y[o] = maps[o]
    return Y


@wrong(
    "outputs-cut-the-graph",
    "No gradient comes back: torch.tensor(…) of finished maps, .data, .detach() or numpy cut the "
    "graph. torch.stack keeps it.",
)
def corr2d_multi_in_out(X, K):
    return mixed(X.detach(), K.detach())


@wrong(
    "kernels-changed",
    "Your function changes the kernels it is given. Work on a copy: the caller still needs them.",
)
def corr2d_multi_in_out(X, K):
    maps = mixed(X, K)
    if not K.requires_grad and not K.is_meta:
        K[0] = K[0] + 1
    return maps


@wrong(
    "oversized-kernels-accepted",
    "Kernels that do not fit into the image give empty maps. There is no valid window: raise a "
    "ValueError.",
)
def corr2d_multi_in_out(X, K):
    if X.dim() == 3 and K.dim() == 4 and X.shape[0] == K.shape[1]:
        H, W = (max(0, n - k + 1) for n, k in zip(X.shape[1:], K.shape[2:], strict=True))
        if H == 0 or W == 0:
            return X.new_zeros(K.shape[0], H, W)
    return mixed(X, K)
