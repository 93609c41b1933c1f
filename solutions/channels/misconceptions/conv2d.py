"""Batched convolution: wrong ideas, as students would write them.

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
