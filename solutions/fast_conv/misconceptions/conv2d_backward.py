"""Wrong ideas about the gradients of convolution that students have, as they would write them.

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


def scattered(columns, size, kernel, stride=1, padding=0):
    """The right col2im."""
    (H, W), (kh, kw), (sh, sw), (ph, pw) = both(size), both(kernel), both(stride), both(padding)
    height, width = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    if columns.shape[2] != height * width or height < 1 or width < 1:
        raise ValueError("not one column for every window")
    columns = columns.reshape(len(columns), columns.shape[1] // (kh * kw), kh, kw, height, width)
    image = columns.new_zeros(*columns.shape[:2], H + 2 * ph, W + 2 * pw)
    for a in range(kh):
        for c in range(kw):
            image[:, :, a : a + sh * height : sh, c : c + sw * width : sw] += columns[:, :, a, c]
    return image[:, :, ph : ph + H, pw : pw + W]


def parts(grad, X, W, stride=1, padding=0):
    """The right (dX, dW, db)."""
    windows = windows_of(X, W.shape[2:], stride, padding)
    if X.shape[1] != W.shape[1] or grad.shape != (len(X), len(W), *windows.shape[2:4]):
        raise ValueError("grad or channels do not fit")
    dW = torch.einsum("nohw,nchwab->ocab", grad, windows)
    columns = torch.einsum("nohw,ocab->ncabhw", grad, W).flatten(4).reshape(
        len(X), W[0].numel(), windows.shape[2] * windows.shape[3]
    )
    dX = scattered(columns, X.shape[2:], W.shape[2:], stride, padding)
    return dX, dW, grad.sum((0, 2, 3))


@wrong(
    "kernel-turned-for-dx",
    "dX is made with the kernel turned by 180°. Scattering uses the kernel as the forward pass "
    "did; only a correlation with the padded gradient needs the turned one.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    _, dW, db = parts(grad, X, W, stride, padding)
    return parts(grad, X, W.flip(2, 3), stride, padding)[0], dW, db


@wrong(
    "dw-turned",
    "dW comes out turned by 180°: image and gradient are swapped in the correlation, which does "
    "not commute.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX, dW.flip(2, 3), db


@wrong(
    "upstream-gradient-ignored",
    "The incoming gradient is ignored, as if it were all ones. Multiply by grad.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    parts(grad, X, W, stride, padding)
    return parts(torch.ones_like(grad), X, W, stride, padding)


@wrong(
    "dx-overwritten",
    "dX keeps the last window only. A pixel gets a gradient from every window that covers it. Add "
    "them up: +=.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    _, dW, db = parts(grad, X, W, stride, padding)
    (sh, sw), (ph, pw), (kh, kw) = both(stride), both(padding), W.shape[2:]
    whole = X.new_zeros(*X.shape[:2], X.shape[2] + 2 * ph, X.shape[3] + 2 * pw)
    for i in range(grad.shape[2]):
        for j in range(grad.shape[3]):
            window = torch.einsum("no,ocab->ncab", grad[:, :, i, j], W)
            whole[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] = window
    return whole[:, :, ph : ph + X.shape[2], pw : pw + X.shape[3]], dW, db


@wrong(
    "dw-overwritten",
    "dW keeps the last place of the window only. Every place adds to it: +=.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, _, db = parts(grad, X, W, stride, padding)
    last = windows_of(X, W.shape[2:], stride, padding)[:, :, -1, -1]
    return dX, torch.einsum("no,ncab->ocab", grad[:, :, -1, -1], last), db


@wrong(
    "dw-of-one-image",
    "dW comes from the last image of the batch only. Add it up over the batch.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX, parts(grad[-1:], X[-1:], W, stride, padding)[1] if len(X) else dW, db


@wrong(
    "dw-averaged",
    "dW is averaged over the batch. The gradient of a sum is a sum: if the loss is a mean, grad "
    "already says so.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX, dW / max(1, len(X)), db


@wrong(
    "stride-forgotten-for-dx",
    "dX is scattered as if the stride were 1. Mirror the indices of the forward pass: window i "
    "starts at row i·stride.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    _, dW, db = parts(grad, X, W, stride, padding)
    (ph, pw), (kh, kw), (height, width) = both(padding), W.shape[2:], grad.shape[2:]
    full = X.new_zeros(len(X), X.shape[1], height + kh - 1, width + kw - 1)
    for a in range(kh):
        for c in range(kw):
            full[:, :, a : a + height, c : c + width] += torch.einsum(
                "nohw,oc->nchw", grad, W[:, :, a, c]
            )
    rest_h, rest_w = X.shape[2] + 2 * ph - full.shape[2], X.shape[3] + 2 * pw - full.shape[3]
    whole = F.pad(full, (0, rest_w, 0, rest_h))
    return whole[:, :, ph : ph + X.shape[2], pw : pw + X.shape[3]], dW, db


@wrong(
    "stride-forgotten-for-dw",
    "dW multiplies the gradient with windows that stand side by side. Window i starts at row "
    "i·stride.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, _, db = parts(grad, X, W, stride, padding)
    near = windows_of(X, W.shape[2:], 1, padding)[:, :, : grad.shape[2], : grad.shape[3]]
    return dX, torch.einsum("nohw,nchwab->ocab", grad, near), db


@wrong(
    "one-stride-for-both-gradients",
    "The stride of the height is used for the width too. The width has stride[1].",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    db = parts(grad, X, W, stride, padding)[2]
    (step, _), (ph, pw), (kh, kw) = both(stride), both(padding), W.shape[2:]
    padded = surrounded(X, padding)
    dX, dW = torch.zeros_like(padded), torch.zeros_like(W)
    for i in range(grad.shape[2]):
        for j in range(grad.shape[3]):
            rows, columns = slice(i * step, i * step + kh), slice(j * step, j * step + kw)
            here = grad[:, :, i, j]
            dX[:, :, rows, columns] += torch.einsum("no,ocab->ncab", here, W)
            dW += torch.einsum("no,ncab->ocab", here, padded[:, :, rows, columns])
    return dX[:, :, ph : ph + X.shape[2], pw : pw + X.shape[3]], dW, db


@wrong(
    "dx-with-its-padding",
    "dX has the shape of the padded image. Crop the padding: dX has the shape of X.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    _, dW, db = parts(grad, X, W, stride, padding)
    return parts(grad, surrounded(X, padding), W, stride, 0)[0], dW, db


@wrong(
    "dx-cropped-to-nothing",
    "Without padding dX is empty: dX[p:-p] with p = 0 is dX[0:0]. Crop with p:p + H.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    _, dW, db = parts(grad, X, W, stride, padding)
    ph, pw = both(padding)
    whole = parts(grad, surrounded(X, padding), W, stride, 0)[0]
    return whole[:, :, ph:-ph, pw:-pw], dW, db


@wrong(
    "dx-ends-with-the-last-window",
    "dX ends where the last window ends. Pixels that no window saw have the gradient zero: dX has "
    "the shape of X.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    (sh, sw), (ph, pw) = both(stride), both(padding)
    seen_h = (grad.shape[2] - 1) * sh + W.shape[2] - ph
    seen_w = (grad.shape[3] - 1) * sw + W.shape[3] - pw
    return dX[:, :, :seen_h, :seen_w], dW, db


@wrong(
    "padding-forgotten-for-dw",
    "dW uses the image without its padding. The windows of the forward pass stood on the padded "
    "image.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, _, db = parts(grad, X, W, stride, padding)
    ph, pw = both(padding)
    shifted = F.pad(X, (0, 2 * pw, 0, 2 * ph))  # the image starts where its padding should
    return dX, parts(grad, shifted, W, stride, 0)[1], db


@wrong(
    "in-and-out-channels-swapped",
    "The weights' two channel axes are swapped in dX. W[o, c] carries the gradient from output "
    "channel o to input channel c.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    _, dW, db = parts(grad, X, W, stride, padding)
    swapped = W.transpose(0, 1).reshape(W.shape)
    return parts(grad, X, swapped, stride, padding)[0], dW, db


@wrong(
    "dx-of-one-output-channel",
    "dX comes from one output channel only. Every output channel uses the pixel: add up their "
    "gradients.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    _, dW, db = parts(grad, X, W, stride, padding)
    return parts(grad[:, -1:], X, W[-1:], stride, padding)[0], dW, db


@wrong(
    "db-over-the-batch-only",
    "db still has rows and columns, or misses some. The bias is added to every pixel of every "
    "image: sum over all of them.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, _ = parts(grad, X, W, stride, padding)
    return dX, dW, grad.sum(0)


@wrong(
    "db-of-the-last-image",
    "db comes from the last image only. Sum over the batch too.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX, dW, grad[-1].sum((1, 2)) if len(X) else db


@wrong(
    "db-averaged",
    "db is a mean. The bias is added to every pixel, so the gradients of all of them add up.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX, dW, db / max(1, grad[:, 0].numel())


@wrong(
    "db-one-number",
    "db is a single number. Every output channel has a bias of its own: do not sum over channels.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX, dW, db.sum()


@wrong(
    "db-with-extra-axes",
    "db has extra axes. Its shape is that of b: (C_out,).",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX, dW, db[:, None]


@wrong(
    "gradients-in-another-order",
    "The gradients come in another order than asked for: (dX, dW, db).",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dW, dX, db


@wrong(
    "bias-gradient-missing",
    "There are two gradients, not three: (dX, dW, db). db does not need b.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    return parts(grad, X, W, stride, padding)[:2]


@wrong(
    "gradients-in-float32",
    "The gradients are always float32. Allocate with the dtype of X.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    found = []
    for part in parts(grad, X, W, stride, padding):
        buffer = torch.zeros(part.shape)
        buffer += part
        found.append(buffer)
    return tuple(found)


@wrong(
    "gradients-on-a-fixed-device",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX, dW, db = parts(grad, X, W, stride, padding)
    return dX + torch.zeros(dX.shape, dtype=dX.dtype), dW, db


@wrong(
    "incoming-gradient-changed",
    "Your function changes a tensor that it is given. Work on a copy: the caller still needs it.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    found = parts(grad, X, W, stride, padding)
    if not grad.is_meta:
        grad.mul_(2)
    return found


@wrong(
    "gradients-viewed",
    "It fails for tensors that are not contiguous in memory: use reshape, not view.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    grad.view(len(grad), len(W), grad.shape[2] * grad.shape[3])
    return parts(grad, X, W, stride, padding)


@wrong(
    "backward-of-nothing-fails",
    "It fails for an empty batch. Without images dW and db are zeros.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    dX = torch.stack([parts(g[None], x[None], W, stride, padding)[0][0]
                      for g, x in zip(grad, X, strict=True)])
    return dX, *parts(grad, X, W, stride, padding)[1:]


@wrong(
    "misfitting-gradient-accepted",
    "A grad of another shape than the output's, or kernels for other channels, are accepted. "
    "Compare the shapes first, and raise a ValueError.",
)
def conv2d_backward(grad, X, W, stride=1, padding=0):
    height, width = windows_of(X, W.shape[2:], stride, padding).shape[2:4]
    fitting = F.pad(grad, (0, width - grad.shape[3], 0, height - grad.shape[2]))
    return parts(fitting, X, W, stride, padding)
