"""Wrong ideas about channels that students have, as they would write them.

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


def each_channel(X, K):
    """Right correlation of each channel of X (C, H, W) with its own of K -> (C, H', W')."""
    refuse(X[None], K[None])
    return (windows(X, K) * K[:, None, None]).sum((-2, -1))


def mixed(X, K):
    """Right correlation of X (C, H, W) with kernels (C_out, C, kh, kw) -> (C_out, H', W')."""
    refuse(X[None], K)
    return convolve(X[None], K)[0]


def matrices(X, K):
    """K (C_out, C, 1, 1) and X (C, H, W) as matrices (C_out, C) and (C, H·W), after checks."""
    refuse(X[None], K)
    if K.shape[2:] != (1, 1):
        raise ValueError("kernels of more than one pixel")
    return K.flatten(1), X.flatten(1)


# ---------------------------------------------------------------- corr2d_multi_in


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


# ---------------------------------------------------------------- corr2d_multi_in_out


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


# ---------------------------------------------------------------- corr2d_multi_in_out_1x1


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


# ---------------------------------------------------------------- conv2d


@wrong(
    "bias-forgotten",
    "The bias is not added. b holds one number for each output channel.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return convolve(X, W, None, stride, padding) + (0 if b is None else 0 * b.sum())


@wrong(
    "bias-along-the-width",
    "The bias runs along the width: y + b lines b up with the last axis. Reshape b to "
    "(1, C_out, 1, 1).",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    Y = convolve(X, W, None, stride, padding)
    return Y if b is None else Y + b


@wrong(
    "bias-along-the-height",
    "The bias runs along the height. Reshape b to (1, C_out, 1, 1), so that it lines up with the "
    "axis of the output channels.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    Y = convolve(X, W, None, stride, padding)
    return Y if b is None else Y + b.reshape(-1, 1)


@wrong(
    "bias-along-the-batch",
    "The bias runs along the batch. Each output channel has its own bias: reshape b to "
    "(1, C_out, 1, 1).",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    Y = convolve(X, W, None, stride, padding)
    return Y if b is None else Y + b.reshape(-1, 1, 1, 1)


@wrong(
    "one-bias-for-all",
    "All output channels get the first bias. b holds one number for each of them.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    Y = convolve(X, W, None, stride, padding)
    return Y if b is None else Y + b[0]


@wrong(
    "bias-once-per-input-channel",
    "The bias is added once for every input channel. Add it once, after the sum over the channels.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    Y = convolve(X, W, None, stride, padding)
    return Y if b is None else Y + X.shape[1] * b.reshape(1, -1, 1, 1)


@wrong(
    "bias-required",
    "Without a bias the function fails. b is None by default: then add nothing.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b.reshape(-1), stride, padding)


@wrong(
    "stride-only-in-the-size",
    "The answer has the right size, but its windows are next to each other: it is the upper left "
    "corner of the answer for stride 1. Window (i, j) starts at pixel (i·s, j·s).",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    size = convolve(X, W, None, stride, padding).shape
    return convolve(X, W, b, 1, padding)[:, :, : size[2], : size[3]]


@wrong(
    "stride-ignored",
    "The stride is accepted and ignored.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b, 1, padding)


@wrong(
    "first-stride-for-both",
    "The first stride is used for both axes. The width has its own: stride[1].",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b, pair(stride)[0], padding)


@wrong(
    "strides-swapped",
    "The strides are swapped: the first is for the height, the second for the width.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b, pair(stride)[::-1], padding)


@wrong(
    "padding-ignored",
    "The padding is accepted and ignored.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b, stride)


@wrong(
    "padding-swapped",
    "Height and width of the padding are swapped. F.pad starts from the last axis: left, right, "
    "top, bottom.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b, stride, pair(padding)[::-1])


@wrong(
    "first-padding-for-both",
    "The first padding is used for both axes. The width has its own: padding[1].",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b, stride, pair(padding)[0])


@wrong(
    "padding-shared-by-both-sides",
    "The padding is shared by the two sides. It is the number of zeros on *each* side: an axis "
    "grows by 2p.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    ph, pw = pair(padding)
    padded = F.pad(X, (pw // 2, pw - pw // 2, ph // 2, ph - ph // 2))
    return convolve(padded, W, b, stride)


@wrong(
    "padding-on-one-side",
    "Only the top and the left are padded. Padding goes on both sides.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    ph, pw = pair(padding)
    return convolve(F.pad(X, (pw, 0, ph, 0)), W, b, stride)


@wrong(
    "padding-all-at-the-end",
    "All zeros are put below and to the right, so that the image sits in the corner and not in the "
    "middle: the answer is shifted. Put p of them on each side.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    ph, pw = pair(padding)
    return convolve(F.pad(X, (0, 2 * pw, 0, 2 * ph)), W, b, stride)


@wrong(
    "padding-repeats-the-border",
    "The border is repeated outwards. Padding here means zeros.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    (ph, pw), (H, V) = pair(padding), X.shape[2:]
    rows, columns = torch.arange(-ph, H + ph), torch.arange(-pw, V + pw)
    padded = X[:, :, rows.clamp(0, H - 1)][:, :, :, columns.clamp(0, V - 1)]
    return convolve(padded, W, b, stride)


@wrong(
    "padding-with-ones",
    "The image is padded with ones. Padding here means zeros.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    ph, pw = pair(padding)
    return convolve(F.pad(X, (pw, pw, ph, ph), value=1), W, b, stride)


@wrong(
    "partial-windows-kept",
    "The answer has a row or column too many: a last window that hangs over the edge does not "
    "count. Round down.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    X = pad(X, padding)
    over = [-(n - k) % s for n, k, s in zip(X.shape[2:], W.shape[2:], pair(stride), strict=True)]
    return convolve(F.pad(X, (0, over[1], 0, over[0])), W, b, stride)


@wrong(
    "size-divided-too-early",
    "A row or column is missing at some sizes: (n + 2p − k + 1) // s divides too early. Divide "
    "first, then add one: (n + 2p − k) // s + 1.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    rows, columns = (
        (n + 2 * p - k + 1) // s for n, p, k, s in
        zip(X.shape[2:], pair(padding), W.shape[2:], pair(stride), strict=True)
    )
    return convolve(X, W, b, stride, padding)[:, :, :rows, :columns]


@wrong(
    "width-as-height",
    "The answer is always square: its width is computed from the height. The width is shape[3], of "
    "images and weights.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    Y = convolve(X, W, b, stride, padding)
    square = X.new_zeros(*Y.shape[:3], Y.shape[2])
    columns = min(Y.shape[2:])
    square[..., :columns] = Y[..., :columns]
    return square


@wrong(
    "only-ints-accepted",
    "A pair for stride or padding fails. Both may be an int or a pair (height, width).",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    if not isinstance(stride, int) or not isinstance(padding, int):
        raise TypeError("unsupported operand types")
    return convolve(X, W, b, stride, padding)


@wrong(
    "only-pairs-accepted",
    "An int for stride or padding fails. Both may be an int or a pair (height, width).",
)
def conv2d(X, W, b=None, stride=(1, 1), padding=(0, 0)):
    sh, sw = stride
    ph, pw = padding
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b, (sh, sw), (ph, pw))


@wrong(
    "only-the-first-image",
    "Only the first image of the batch is answered. The answer has N images too.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return convolve(X[:1], W, b, stride, padding)


@wrong(
    "first-input-channel-only",
    "Only the first input channel counts. Every output channel is a sum over all of them.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return convolve(X[:, :1], W[:, :1], b, stride, padding)


@wrong(
    "weights-flipped",
    "That is true convolution. Deep learning does not flip the kernels: multiply window and kernel "
    "as they are.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return convolve(X, W.flip(2, 3), b, stride, padding)


@wrong(
    "weights-in-another-layout",
    "The weights are read as (kh, kw, in, out), the order of other libraries, and come out "
    "scrambled. torch's order is (C_out, C_in, kh, kw).",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    outputs, inputs, kh, kw = W.shape
    return convolve(X, W.reshape(kh, kw, inputs, outputs).permute(3, 2, 0, 1), b, stride, padding)


@wrong(
    "windows-flattened-in-another-order",
    "Windows and weights are flattened in different orders, (kh, kw, C) and (C, kh, kw), so that "
    "the wrong numbers are multiplied. Use the same order for both.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    outputs, inputs, kh, kw = W.shape
    return convolve(X, W.reshape(outputs, kh, kw, inputs).permute(0, 3, 1, 2), b, stride, padding)


@wrong(
    "maps-reshaped-not-permuted",
    "The numbers are right, but (N, H', W', C_out) is reshaped to (N, C_out, H', W'), which "
    "scrambles them. Move the axis with permute.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    Y = convolve(X, W, b, stride, padding)
    return Y.permute(0, 2, 3, 1).reshape(Y.shape)


@wrong(
    "channels-last",
    "The output channels are the last axis of your answer. torch's order is (N, C_out, H', W').",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b, stride, padding).permute(0, 2, 3, 1)


@wrong(
    "maps-always-float32",
    "The answer is always float32. torch.zeros without a dtype makes float32: allocate with the "
    "dtype and device of X.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    maps = convolve(X, W, b, stride, padding)
    Y = torch.zeros(maps.shape)
    Y[:] = maps
    return Y


@wrong(
    "computed-in-float32",
    "Everything is computed in float32 and converted back: digits are lost. Compute in the dtype "
    "of X.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    bias = None if b is None else b.float()
    return convolve(X.float(), W.float(), bias, stride, padding).to(X.dtype)


@wrong(
    "maps-on-the-cpu",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    maps = convolve(X, W, b, stride, padding)
    Y = torch.zeros(maps.shape, dtype=X.dtype)
    Y[:] = maps
    return Y


@wrong(
    "maps-cut-the-graph",
    "No gradient comes back: .item(), .data, .detach() or numpy inside the function cut the graph.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b, stride, padding).detach()


@wrong(
    "bias-without-gradient",
    "No gradient reaches the bias: b[o].item(), .data or .detach() cut the graph. Add the tensor.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return convolve(X, W, None if b is None else b.detach(), stride, padding)


@wrong(
    "weights-viewed",
    "view works only where the tensor lies in memory in one piece; permuted or sliced weights do "
    "not. reshape copies when it has to.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return convolve(X, W.view(len(W), -1).reshape(W.shape), b, stride, padding)


@wrong(
    "images-changed",
    "Your function writes into the images it is given. Work on a tensor of your own: the caller "
    "still needs them.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    Y = convolve(X, W, b, stride, padding)
    if not X.requires_grad and not X.is_meta:
        X *= 2
    return Y


@wrong(
    "empty-batch-fails",
    "A batch without images fails: torch.stack and torch.cat want at least one tensor. Such a "
    "batch has an answer, of shape (0, C_out, H', W').",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride, padding)
    return torch.stack([convolve(image[None], W, b, stride, padding)[0] for image in X])


@wrong(
    "surplus-input-channels-dropped",
    "Where images and weights have different numbers of channels, the surplus ones are dropped "
    "silently. Compare first, and raise a ValueError.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    channels = min(X.shape[1], W.shape[1])
    X, W = X[:, :channels], W[:, :channels]
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b, stride, padding)


@wrong(
    "single-bias-stretched",
    "A bias of one element is stretched to all output channels. b needs one number for each: raise "
    "a ValueError when its length is not C_out.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    if b is not None and b.shape == (1,):
        b = b.expand(W.shape[0])
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b, stride, padding)


@wrong(
    "oversized-kernel-gives-empty-maps",
    "A kernel larger than the padded image gives empty maps. There is no valid window: raise a "
    "ValueError.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    if X.dim() == W.dim() == 4 and X.shape[1] == W.shape[1] \
            and any(n + 2 * p < k for n, p, k in zip(X.shape[2:], pair(padding), W.shape[2:],
                                                     strict=True)):
        return X.new_zeros(X.shape[0], W.shape[0], 0, 0)
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b, stride, padding)


@wrong(
    "size-checked-before-padding",
    "A kernel larger than the image is refused although it fits into the padded image. Pad first, "
    "then compare the sizes.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    refuse(X, W, b, stride)
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b, stride, padding)


@wrong(
    "negative-padding-crops",
    "A negative padding crops the image: F.pad cuts off what it should add. Raise a ValueError.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    X = pad(X, padding)
    refuse(X, W, b, stride)
    return convolve(X, W, b, stride)


@wrong(
    "stride-of-zero-is-one",
    "A stride of 0 is taken for 1 (`stride or 1`, `max(1, stride)`). Raise a ValueError for every "
    "stride below one.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    stride = tuple(max(1, s) for s in pair(stride))
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b, stride, padding)


@wrong(
    "division-by-a-stride-of-zero",
    "A stride of 0 ends in a ZeroDivisionError. Check the stride before you divide by it, and "
    "raise a ValueError.",
)
def conv2d(X, W, b=None, stride=1, padding=0):
    if 0 in pair(stride):
        return X.shape[2] // 0
    refuse(X, W, b, stride, padding)
    return convolve(X, W, b, stride, padding)
