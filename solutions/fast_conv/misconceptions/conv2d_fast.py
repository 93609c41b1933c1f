"""Wrong ideas about convolution as a matrix product that students have, as they would write them.

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


@wrong(
    "kernel-flipped",
    "That is true convolution. Deep learning does not flip the kernel.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X, W.flip(2, 3), b, stride, padding)


@wrong(
    "weights-scrambled",
    "The weights are reshaped to (C·kh·kw, C_out), which mixes the kernels. Reshape to "
    "(C_out, -1); a reshape is not a transpose.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X, W.reshape(-1, W.shape[0]).T.reshape(W.shape), b, stride, padding)


@wrong(
    "weights-in-another-order",
    "The weights are flattened with the channels last. Rows of im2col and columns of the weight "
    "matrix must have one order: channel, kernel row, kernel column.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    mixed = W.permute(0, 2, 3, 1).reshape(W.shape)
    return convolved(X, mixed, b, stride, padding)


@wrong(
    "output-channels-last",
    "The product is reshaped with the output channels last. (N, L, C_out) needs a transpose, not a "
    "reshape, to become (N, C_out, H', W').",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, b, stride, padding)
    return Y.permute(0, 2, 3, 1).reshape(Y.shape)


@wrong(
    "batch-and-channels-mixed",
    "All images are multiplied at once, and the product (C_out, N·L) is reshaped to (N, C_out, …) "
    "without bringing the batch to the front.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, b, stride, padding)
    return Y.transpose(0, 1).reshape(Y.shape)


@wrong(
    "rows-and-columns-swapped",
    "The columns are folded to (W', H') instead of (H', W'): height first.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, b, stride, padding)
    return Y.reshape(*Y.shape[:2], Y.shape[3], Y.shape[2])


@wrong("bias-forgotten", "The bias is not added: b has one number for each output channel.")
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X, W, None, stride, padding)


@wrong(
    "bias-along-the-width",
    "The bias is added along the last dimension. Reshape it to (1, C_out, 1, 1).",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, None, stride, padding)
    return Y if b is None else Y + b


@wrong(
    "one-bias-for-all",
    "All output channels get the same bias. Channel o gets b[o].",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, None, stride, padding)
    return Y if b is None else Y + b.sum()


@wrong(
    "bias-for-every-weight",
    "The bias is added once for every weight of the kernel. Add it once, at the end.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X, W, None if b is None else b * W[0, 0].numel(), stride, padding)


@wrong(
    "bias-required",
    "Without a bias it fails. b=None means that there is none.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X, W, None, stride, padding) + b.reshape(1, -1, 1, 1)


@wrong("first-channel-only", "Only the first input channel is used. Sum over all of them.")
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X, W, b, stride, padding) * 0 + convolved(
        X[:, :1], W[:, :1], b, stride, padding
    )


@wrong(
    "channels-averaged",
    "The input channels are averaged. A convolution sums over them.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, None, stride, padding) / X.shape[1]
    Y = Y.to(X.dtype)
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong(
    "convolution-ignores-the-stride",
    "The stride is accepted and ignored.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    if min(both(stride)) < 1:
        raise ValueError("stride")
    return convolved(X, W, b, 1, padding)


@wrong(
    "convolution-ignores-the-padding",
    "The padding is accepted and ignored.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    windows_of(X, W.shape[2:], stride, padding)
    return convolved(X, W, b, stride, 0)


@wrong(
    "padding-counted-as-a-total",
    "The padding is shared between the two sides. It is added on each side.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    windows_of(X, W.shape[2:], stride, padding)
    ph, pw = both(padding)
    padded = F.pad(X, (pw // 2, pw - pw // 2, ph // 2, ph - ph // 2))
    return convolved(padded, W, b, stride, 0)


@wrong(
    "convolution-in-float32",
    "The answer is always float32. Allocate and compute with the dtype of X.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X, W, b, stride, padding).to(
        torch.float32 if X.device.type == "cpu" else X.dtype
    )


@wrong(
    "whole-numbers-unsupported",
    "It fails for integer tensors: F.unfold, for example, takes floating-point tensors only.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    if not X.is_floating_point():
        raise RuntimeError("not implemented for 'Long'")
    return convolved(X, W, b, stride, padding)


@wrong(
    "convolution-on-a-fixed-device",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, b, stride, padding)
    return Y + torch.zeros(Y.shape, dtype=X.dtype)


@wrong(
    "convolution-cuts-the-graph",
    "No gradient comes back: numpy, .data, .item() or .detach() inside the function cut the graph.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return convolved(X.detach(), W.detach(), None if b is None else b.detach(), stride, padding)


@wrong(
    "kernels-changed",
    "Your function changes the kernels it is given. Work on a copy.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    Y = convolved(X, W, b, stride, padding)
    if not W.requires_grad and not W.is_meta:
        W.add_(1)
    return Y


@wrong(
    "oversized-kernel-accepted",
    "A kernel that does not fit gives an empty answer. There is no valid window: raise a "
    "ValueError.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    padded = surrounded(X, padding)
    if W.shape[2] > padded.shape[2] or W.shape[3] > padded.shape[3]:
        return X.new_zeros(X.shape[0], W.shape[0], 0, 0)
    return convolved(X, W, b, stride, padding)


@wrong(
    "mismatched-channels-accepted",
    "Channels that do not match are dropped or repeated silently. Compare the numbers of channels "
    "first.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    C = min(X.shape[1], W.shape[1])
    return convolved(X[:, :C], W[:, :C], b, stride, padding)


@wrong(
    "negative-padding-crops",
    "A negative padding crops the image silently, or a negative stride is accepted. Raise a "
    "ValueError.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    ph, pw = both(padding)
    return convolved(F.pad(X, (pw, pw, ph, ph)), W, b, stride)


@wrong(
    "loop-over-output-pixels",
    "A Python loop visits every output pixel. One matrix product answers all of them.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    windows = windows_of(X, W.shape[2:], stride, padding)
    Y = convolved(X, W, b, stride, padding).clone()
    for i in range(Y.shape[2]):
        for j in range(Y.shape[3]):
            Y[:, :, i, j] = torch.einsum("ncab,ocab->no", windows[:, :, i, j], W)
            if b is not None:
                Y[:, :, i, j] += b
    return Y


@wrong(
    "batch-stacked",
    "Images are handled one by one and stacked, which fails when there is none. Handle the whole "
    "batch at once.",
)
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return torch.stack([convolved(x[None], W, b, stride, padding)[0] for x in X])
