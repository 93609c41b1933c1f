"""Wrong ideas about transposed convolution that students have, as they would write them.

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


def in_float32(Y):
    """Y, put into what torch.zeros makes without a dtype."""
    buffer = torch.zeros(Y.shape, device=Y.device)
    buffer += Y
    return buffer


def transposed(X, W, b=None, stride=1, padding=0, crop=True):
    """The right answer, or with ``crop=False`` the one before the padding is taken away."""
    (sh, sw), (ph, pw), (kh, kw) = both(stride), both(padding), W.shape[2:]
    if X.dim() != 4 or X.shape[1] != W.shape[0] or min(sh, sw) < 1 or min(ph, pw) < 0:
        raise ValueError("channels, stride or padding")
    N, _, H, width = X.shape
    Y = X.new_zeros(N, W.shape[1], (H - 1) * sh + kh, (width - 1) * sw + kw)
    if Y.shape[2] <= 2 * ph or Y.shape[3] <= 2 * pw:
        raise ValueError("nothing is left")
    for a in range(kh):
        for c in range(kw):
            Y[:, :, a : a + sh * H : sh, c : c + sw * width : sw] += torch.einsum(
                "nchw,co->nohw", X, W[:, :, a, c]
            )
    if crop:
        Y = Y[:, :, ph : Y.shape[2] - ph, pw : Y.shape[3] - pw]
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


def stamps_on(X, W, stride, padding):
    """How many stamps fall on each pixel of the answer, (N, 1, H', W')."""
    return transposed(torch.ones_like(X[:, :1]), torch.ones_like(W[:1, :1]), None, stride, padding)


@wrong(
    "transposed-padding-enlarges",
    "The padding makes the answer larger. There it crops: it undoes the padding of a convolution.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    transposed(X, W, b, stride, padding)
    Y = surrounded(transposed(X, W, None, stride), padding)
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "transposed-padding-ignored",
    "The padding is accepted and ignored. It crops the answer.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    return transposed(X, W, b, stride, padding, crop=False)


@wrong(
    "transposed-cropped-at-the-end",
    "The padding is cropped at the bottom and right only. Crop all sides.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    Y = transposed(X, W, b, stride, padding)
    return transposed(X, W, b, stride, padding, crop=False)[:, :, : Y.shape[2], : Y.shape[3]]


@wrong(
    "transposed-cropped-to-nothing",
    "Without padding the answer is empty: Y[p:-p] with p = 0 is Y[0:0]. Crop with p:H − p.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    ph, pw = both(padding)
    return transposed(X, W, b, stride, padding, crop=False)[:, :, ph:-ph, pw:-pw]


@wrong(
    "transposed-paddings-swapped",
    "The paddings of height and width are swapped.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    transposed(X, W, b, stride, padding)
    return transposed(X, W, b, stride, both(padding)[::-1])


@wrong(
    "stamp-turned",
    "The kernel is stamped turned by 180°. A correlation over the spread image needs the turned "
    "kernel, so that each pixel stamps it as it is.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    return transposed(X, W.flip(2, 3), b, stride, padding)


@wrong(
    "transposed-weights-as-in-conv2d",
    "The weights are read as (C_out, C_in, kh, kw). Here the input channels come first.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    transposed(X, W, b, stride, padding)
    return transposed(X, W.reshape(W.shape[1], W.shape[0], *W.shape[2:]).transpose(0, 1), b, stride,
                      padding)


@wrong(
    "transposed-stride-ignored",
    "The stride is accepted and ignored. Stamps are a stride apart.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    if min(both(stride)) < 1:
        raise ValueError("stride")
    transposed(X, W, b, stride, padding)
    return transposed(X, W, b, 1, padding)


@wrong(
    "transposed-first-stride-for-both",
    "The stride of the height is used for the width too. The width has stride[1].",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    transposed(X, W, b, stride, padding)
    return transposed(X, W, b, both(stride)[0], padding)


@wrong(
    "transposed-strides-swapped",
    "The two strides are swapped: stride[0] belongs to the height.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    transposed(X, W, b, stride, padding)
    return transposed(X, W, b, both(stride)[::-1], padding)


@wrong(
    "zeros-behind-the-last-pixel",
    "There are zeros behind the last pixel too, and the answer is too large by s − 1. Zeros stand "
    "between pixels only: (H − 1)·s + 1.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    transposed(X, W, b, stride, padding)
    (sh, sw), (ph, pw) = both(stride), both(padding)
    Y = F.pad(transposed(X, W, None, stride), (0, sw - 1, 0, sh - 1))
    Y = Y[:, :, ph : Y.shape[2] - ph, pw : Y.shape[3] - pw]
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "stamps-overwritten",
    "Where stamps overlap, only the last one is kept. Add them up: +=.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    Y = transposed(X, W, None, stride, padding, crop=False)
    (sh, sw), (ph, pw), (kh, kw) = both(stride), both(padding), W.shape[2:]
    Y = torch.zeros_like(Y)
    for i in range(X.shape[2]):
        for j in range(X.shape[3]):
            Y[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] = torch.einsum(
                "nc,coab->noab", X[:, :, i, j], W
            )
    Y = Y[:, :, ph : Y.shape[2] - ph, pw : Y.shape[3] - pw]
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "bias-with-every-stamp",
    "The bias is added with every stamp, so that overlaps get it several times. Add it once to "
    "every pixel of the answer.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    Y = transposed(X, W, None, stride, padding)
    if b is None:
        return Y
    stamps = stamps_on(X, W, stride, padding)
    return Y + stamps * b.reshape(1, -1, 1, 1)


@wrong(
    "transposed-without-bias",
    "The bias is not added: b has one number for each output channel.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    return transposed(X, W, None, stride, padding)


@wrong(
    "transposed-size-times-stride",
    "The answer is cut to H·s × W·s. Its size is (H − 1)·s − 2p + k in each axis.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    Y, (sh, sw) = transposed(X, W, b, stride, padding), both(stride)
    return F.pad(Y, (0, sw * X.shape[3] - Y.shape[3], 0, sh * X.shape[2] - Y.shape[2]))


@wrong(
    "inverse-instead-of-adjoint",
    "Overlapping stamps are averaged. A transposed convolution does not undo a convolution: stamps "
    "add up.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    Y = transposed(X, W, None, stride, padding)
    stamps = stamps_on(X, W, stride, padding)
    Y = (Y / stamps.clamp(min=1)).to(X.dtype)
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "transposed-in-float32",
    "The answer is always float32. Allocate with the dtype of X.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    return in_float32(transposed(X, W, b, stride, padding))


@wrong(
    "transposed-on-a-fixed-device",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    Y = transposed(X, W, b, stride, padding)
    return Y + torch.zeros(Y.shape, dtype=Y.dtype)


@wrong(
    "transposed-whole-numbers-unsupported",
    "It fails for integer tensors: F.fold, for example, takes floating-point tensors only.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    if not X.is_floating_point():
        raise RuntimeError("not implemented for 'Long'")
    return transposed(X, W, b, stride, padding)


@wrong(
    "transposed-graph-cut",
    "No gradient comes back: numpy, .data, .item() or .detach() inside the function cut the graph.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    return transposed(X, W, b, stride, padding).detach()


@wrong(
    "transposed-inputs-changed",
    "Your function changes the kernels it is given. Work on a copy.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    Y = transposed(X, W, b, stride, padding)
    if not W.requires_grad and not W.is_meta:
        W.neg_()
    return Y


@wrong(
    "transposed-view",
    "It fails for tensors that are not contiguous in memory: use reshape, not view.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    X.view(*X.shape[:2], X.shape[2] * X.shape[3])
    return transposed(X, W, b, stride, padding)


@wrong(
    "transposed-batch-stacked",
    "Images are handled one by one and stacked, which fails when there is none. Handle the whole "
    "batch at once.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    return torch.stack([transposed(x[None], W, b, stride, padding)[0] for x in X])


@wrong(
    "everything-cropped-silently",
    "A padding that crops everything gives an empty answer. Raise a ValueError.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    (ph, pw), Y = both(padding), transposed(X, W, b, stride)
    if min(ph, pw) < 0:
        raise ValueError("padding")
    return Y[:, :, ph : max(ph, Y.shape[2] - ph), pw : max(pw, Y.shape[3] - pw)]


@wrong(
    "transposed-channel-broadcast",
    "Kernels for one input channel are silently used for all of them (broadcasting). Compare the "
    "numbers of channels first.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    if W.shape[0] == 1:
        W = W.expand(X.shape[1], -1, -1, -1)
    return transposed(X, W, b, stride, padding)


@wrong(
    "negative-padding-enlarges",
    "A negative padding enlarges the answer. Raise a ValueError.",
)
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    ph, pw = both(padding)
    Y = transposed(X, W, None, stride, (max(0, ph), max(0, pw)), crop=False)
    Y = F.pad(Y, (-pw, -pw, -ph, -ph))
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)
