"""1×1 convolution as a matrix product: wrong ideas, as students would write them.

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


def matrices(X, K):
    """K (C_out, C, 1, 1) and X (C, H, W) as matrices (C_out, C) and (C, H·W), after checks."""
    refuse(X[None], K)
    if K.shape[2:] != (1, 1):
        raise ValueError("kernels of more than one pixel")
    return K.flatten(1), X.flatten(1)


@wrong(
    "reshape-for-a-transpose",
    "reshape(h * w, c) cuts the numbers up anew; it does not turn channels into columns. A reshape "
    "is not a transpose: keep the channels first, reshape(c, h * w).",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, pixels = matrices(X, K)
    return (pixels.reshape(-1, X.shape[0]) @ weights.T).T.reshape(K.shape[0], *X.shape[1:])


@wrong(
    "answer-reshaped-not-transposed",
    "The product is right, (h·w, c_out), but reshaping it to (c_out, h, w) scrambles it. Transpose "
    "it first, or multiply the other way round.",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, pixels = matrices(X, K)
    return (pixels.T @ weights.T).reshape(K.shape[0], *X.shape[1:])


@wrong(
    "weights-reshaped-not-transposed",
    "The weights are reshaped to (c_in, c_out), which scrambles them: K is (c_out, c_in, 1, 1). "
    "Reshape it to (c_out, c_in).",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, pixels = matrices(X, K)
    weights = weights.reshape(X.shape[0], K.shape[0]).T
    return (weights @ pixels).reshape(K.shape[0], *X.shape[1:])


@wrong(
    "height-and-width-swapped",
    "Height and width of the answer are swapped: the pixels come back as (h, w), in that order.",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, pixels = matrices(X, K)
    return (weights @ pixels).reshape(K.shape[0], X.shape[2], X.shape[1])


@wrong(
    "pixels-left-in-a-row",
    "Your answer is the matrix (c_out, h·w). Bring it back to the shape of images, (c_out, h, w).",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, pixels = matrices(X, K)
    return weights @ pixels


@wrong(
    "view-needs-contiguous",
    "view works only where the tensor lies in memory in one piece; a permuted or sliced image does "
    "not. reshape copies when it has to.",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, _ = matrices(X, K)
    return (weights @ X.view(X.shape[0], -1)).reshape(K.shape[0], *X.shape[1:])


@wrong(
    "squeeze-drops-single-channels",
    "squeeze() removes every axis of size one, also that of a single input or output channel. "
    "Reshape to (c_out, c_in), or name the axes.",
)
def corr2d_multi_in_out_1x1(X, K):
    _, pixels = matrices(X, K)
    return (K.squeeze() @ pixels).reshape(-1, *X.shape[1:])


@wrong(
    "larger-kernels-cropped",
    "Kernels of more than one pixel are accepted, and all but one of their weights ignored. Raise "
    "a ValueError.",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, pixels = matrices(X, K[:, :, :1, :1])
    return (weights @ pixels).reshape(K.shape[0], *X.shape[1:])


@wrong(
    "mismatch-reshaped-away",
    "reshape(-1, c_in) with the image's c_in makes any K fit whose numbers divide: kernels for "
    "other channels are accepted and scrambled. Take c_out and c_in from K, and compare.",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, pixels = matrices(X, K.reshape(-1, X.shape[0], 1, 1))
    return (weights @ pixels).reshape(-1, *X.shape[1:])


@wrong(
    "single-channels-broadcast",
    "An image or kernels of one channel are stretched to all of them by broadcasting. Compare the "
    "numbers of channels first, and raise a ValueError when they differ.",
)
def corr2d_multi_in_out_1x1(X, K):
    if X.dim() == 3 and K.dim() == 4 and 1 in (X.shape[0], K.shape[1]):
        channels = max(X.shape[0], K.shape[1])
        X, K = X.expand(channels, -1, -1), K.expand(-1, channels, -1, -1)
    weights, pixels = matrices(X, K)
    return (weights @ pixels).reshape(K.shape[0], *X.shape[1:])


@wrong(
    "mixture-averaged",
    "Your answer is the mean over the input channels. A matrix product adds them up: nothing is "
    "divided.",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, pixels = matrices(X, K)
    Y = (weights @ pixels / X.shape[0]).to(X.dtype)
    return Y.reshape(K.shape[0], *X.shape[1:])


@wrong(
    "weights-of-ones",
    "The weights are ignored: every output channel is the plain sum of the input channels.",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, pixels = matrices(X, K)
    return (torch.ones_like(weights) @ pixels).reshape(K.shape[0], *X.shape[1:])


@wrong(
    "product-in-float32",
    "The product is computed in float32 whatever the input is, and converted back: digits are "
    "lost. Multiply in the dtype of X.",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, pixels = matrices(X, K)
    return (weights.float() @ pixels.float()).to(X.dtype).reshape(K.shape[0], *X.shape[1:])


@wrong(
    "product-stays-float32",
    "The answer is always float32. Leave .float() away: the answer has the dtype of X.",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, pixels = matrices(X, K)
    return (weights.float() @ pixels.float()).reshape(K.shape[0], *X.shape[1:])


@wrong(
    "product-on-the-cpu",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, pixels = matrices(X, K)
    Y = torch.zeros((K.shape[0], *X.shape[1:]), dtype=X.dtype)
    Y[:] = (weights @ pixels).reshape(Y.shape)
    return Y


@wrong(
    "product-cuts-the-graph",
    "No gradient comes back: .data, .detach() or numpy inside the function cut the graph.",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, pixels = matrices(X.detach(), K.detach())
    return (weights @ pixels).reshape(K.shape[0], *X.shape[1:])


@wrong(
    "kernel-squeezed-in-place",
    "squeeze_ with an underscore changes the caller's own tensor: after the call its kernels have "
    "lost their axes. Use squeeze or reshape.",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, pixels = matrices(X, K)
    if not K.requires_grad:
        K.squeeze_(-1).squeeze_(-1)
    return (weights @ pixels).reshape(K.shape[0], *X.shape[1:])


@wrong(
    "loop-over-output-channels",
    "You go through the output channels one by one in Python. One matrix product makes all of them "
    "at once.",
)
def corr2d_multi_in_out_1x1(X, K):
    weights, pixels = matrices(X, K)
    rows = []
    for weight in weights:
        rows.append(weight @ pixels)
    return torch.stack(rows).reshape(K.shape[0], *X.shape[1:])
