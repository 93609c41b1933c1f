"""Wrong ideas about Winograd's convolution that students have, as they would write them.

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


def in_float32(Y):
    """Y, put into what torch.zeros makes without a dtype."""
    buffer = torch.zeros(Y.shape, device=Y.device)
    buffer += Y
    return buffer


INPUT = [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]]
KERNEL = [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]]
OUTPUT = [[1, 1, 1, 0], [0, 1, -1, -1]]


def tiles_of(X, W, padding):
    """Overlapping 4×4 tiles (N, C, th, tw, 4, 4) that cover every output, and the output's size."""
    if X.dim() != 4 or W.shape[2:] != (3, 3) or X.shape[1] != W.shape[1]:
        raise ValueError("kernels are 3×3, and channels agree")
    height, width = windows_of(X, 3, 1, padding).shape[2:4]
    X = F.pad(surrounded(X, padding), (0, width % 2, 0, height % 2))
    return X.unfold(2, 4, 2).unfold(3, 4, 2), (height, width)


def transformed(matrix, inner):
    """matrix · inner · matrixᵀ"""
    matrix = torch.tensor(matrix, dtype=inner.dtype, device=inner.device)
    return matrix @ inner @ matrix.T


def assembled(blocks, size, b=None):
    """Blocks (N, O, th, tw, 2, 2) as an image of that size, and the bias."""
    N, channels, rows, columns = blocks.shape[:4]
    Y = blocks.permute(0, 1, 2, 4, 3, 5).reshape(N, channels, 2 * rows, 2 * columns)
    Y = Y[:, :, : size[0], : size[1]]
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


def winograd(X, W, b=None, padding=0, of_input=INPUT, of_kernel=KERNEL, of_output=OUTPUT):
    tiles, size = tiles_of(X, W, padding)
    product = torch.einsum(
        "ncijxy,ocxy->noijxy", transformed(of_input, tiles), transformed(of_kernel, W)
    )
    return assembled(transformed(of_output, product), size, b)


@wrong(
    "odd-outputs-dropped",
    "The last row or column is missing where the output is odd. Round the number of tiles up, pad, "
    "and crop at the end.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    winograd(X, W, b, padding)
    tiles = surrounded(X, padding).unfold(2, 4, 2).unfold(3, 4, 2)
    product = torch.einsum(
        "ncijxy,ocxy->noijxy", transformed(INPUT, tiles), transformed(KERNEL, W)
    )
    return assembled(transformed(OUTPUT, product), (2 * tiles.shape[2], 2 * tiles.shape[3]), b)


@wrong(
    "even-outputs-only",
    "It fails where the output is odd. Pad the image at the end so that tiles of 2×2 outputs fit.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    Y = winograd(X, W, b, padding)
    if Y.shape[2] % 2 or Y.shape[3] % 2:
        raise RuntimeError("shape is invalid for input")
    return Y


@wrong(
    "outputs-not-cropped",
    "The answer is rounded up to whole tiles. Crop it to H − 2 rows and W − 2 columns.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    Y = winograd(X, W, b, padding)
    padded = surrounded(X, padding)
    return winograd(F.pad(padded, (0, Y.shape[3] % 2, 0, Y.shape[2] % 2)), W, b)


@wrong(
    "tiles-side-by-side",
    "The tiles do not overlap. A tile of 4×4 pixels makes 2×2 outputs, so tiles start 2 apart.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    Y = winograd(X, W, None, padding)
    tiles, size = tiles_of(X, W, padding)
    rows = torch.arange(tiles.shape[2], device=X.device) * 2 % max(1, tiles.shape[2])
    columns = torch.arange(tiles.shape[3], device=X.device) * 2 % max(1, tiles.shape[3])
    blocks = F.pad(Y, (0, size[1] % 2, 0, size[0] % 2)).unfold(2, 2, 2).unfold(3, 2, 2)
    return assembled(blocks[:, :, rows[:, None], columns], size, b)


@wrong(
    "transformed-on-one-side",
    "The tiles are transformed along the rows only. Two dimensions need both sides: Bᵀ d B.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    tiles, size = tiles_of(X, W, padding)
    one_sided = torch.tensor(INPUT, dtype=X.dtype, device=X.device) @ tiles
    product = torch.einsum("ncijxy,ocxy->noijxy", one_sided, transformed(KERNEL, W))
    return assembled(transformed(OUTPUT, product), size, b)


@wrong(
    "input-transform-transposed",
    "The input transform is used the wrong way round: B d Bᵀ instead of Bᵀ d B.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    return winograd(X, W, b, padding, of_input=[list(row) for row in zip(*INPUT, strict=True)])


@wrong(
    "sign-in-the-output-transform",
    "A sign of the output transform is wrong: the second row of Aᵀ is (0, 1, −1, −1) for this Bᵀ.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    return winograd(X, W, b, padding, of_output=[[1, 1, 1, 0], [0, 1, -1, 1]])


@wrong(
    "halves-forgotten",
    "The halves in the kernel transform are missing.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    whole = [[1, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 1]]
    return winograd(X, W, b, padding, of_kernel=whole)


@wrong(
    "halves-truncated",
    "The halves in the kernel transform became 0: 1 // 2, or a matrix of integers.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    whole = [[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 1]]
    return winograd(X, W, b, padding, of_kernel=whole)


@wrong(
    "winograd-kernel-flipped",
    "That is true convolution. Deep learning does not flip the kernel.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    return winograd(X, W.flip(2, 3), b, padding)


@wrong(
    "tiles-reshaped-without-permute",
    "The blocks of 2×2 outputs are reshaped into the image without a permute, which scrambles "
    "them. Bring (th, tw, 2, 2) to (th, 2, tw, 2) first.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    tiles, size = tiles_of(X, W, padding)
    product = torch.einsum(
        "ncijxy,ocxy->noijxy", transformed(INPUT, tiles), transformed(KERNEL, W)
    )
    return assembled(transformed(OUTPUT, product).permute(0, 1, 2, 4, 3, 5).reshape(
        *product.shape[:4], 2, 2).transpose(4, 5), size, b)


@wrong(
    "matrix-product-of-tiles",
    "Tile and kernel are multiplied as matrices (@) in the transformed domain. There, multiply "
    "element by element.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    tiles, size = tiles_of(X, W, padding)
    product = torch.einsum(
        "ncijxz,oczy->noijxy", transformed(INPUT, tiles), transformed(KERNEL, W)
    )
    return assembled(transformed(OUTPUT, product), size, b)


@wrong(
    "bias-in-the-transformed-domain",
    "The bias is added before the output transform, which mixes it. Add it at the end.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    tiles, size = tiles_of(X, W, padding)
    product = torch.einsum(
        "ncijxy,ocxy->noijxy", transformed(INPUT, tiles), transformed(KERNEL, W)
    )
    if b is not None:
        product = product + b.reshape(1, -1, 1, 1, 1, 1)
    return assembled(transformed(OUTPUT, product), size)


@wrong(
    "winograd-channels-averaged",
    "The input channels are averaged. A convolution sums over them.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    Y = winograd(X, W, None, padding) / X.shape[1]
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


@wrong("winograd-without-padding", "The padding is accepted and ignored.")
def conv2d_winograd(X, W, b=None, padding=0):
    winograd(X, W, b, padding)
    return winograd(X, W, b)


@wrong(
    "winograd-paddings-swapped",
    "The paddings of height and width are swapped: F.pad starts from the last dimension.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    winograd(X, W, b, padding)
    return winograd(X, W, b, both(padding)[::-1])


@wrong(
    "transforms-in-float32",
    "The transforms are float32 matrices, which cannot be multiplied by float64 tensors. Make "
    "them with the dtype of X.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    if X.dtype is not torch.float32:
        raise RuntimeError("expected m1 and m2 to have the same dtype")
    return winograd(X, W, b, padding)


@wrong(
    "winograd-in-float32",
    "The answer is always float32. Allocate with the dtype of X.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    return in_float32(winograd(X, W, b, padding))


@wrong(
    "winograd-on-a-fixed-device",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    Y = winograd(X, W, b, padding)
    return Y + torch.zeros(Y.shape, dtype=Y.dtype)


@wrong(
    "winograd-graph-cut",
    "No gradient comes back: numpy, .data, .item() or .detach() inside the function cut the graph.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    return winograd(X, W, b, padding).detach()


@wrong(
    "winograd-inputs-changed",
    "Your function changes the image it is given. Work on a copy.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    Y = winograd(X, W, b, padding)
    if not X.requires_grad and not X.is_meta:
        X.neg_()
    return Y


@wrong(
    "winograd-batch-stacked",
    "Images are handled one by one and stacked, which fails when there is none. Handle the whole "
    "batch at once.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    return torch.stack([winograd(x[None], W, b, padding)[0] for x in X])


@wrong(
    "other-kernels-accepted",
    "A kernel that is not 3×3 is cut or filled up to 3×3. Raise a ValueError.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    return winograd(X, F.pad(W, (0, 3 - W.shape[3], 0, 3 - W.shape[2])), b, padding)


@wrong(
    "small-images-accepted",
    "An image smaller than the kernel gets an answer: it was filled up to a tile. There is no "
    "valid window: raise a ValueError.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    padded = surrounded(X, padding)
    more = (0, max(0, 3 - padded.shape[3]), 0, max(0, 3 - padded.shape[2]))
    return winograd(F.pad(padded, more), W, b)


@wrong(
    "winograd-channel-broadcast",
    "An image of one channel is silently used for all channels of the kernel (broadcasting). "
    "Compare the numbers of channels first.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    if X.shape[1] == 1:
        X = X.expand(-1, W.shape[1], -1, -1)
    return winograd(X, W, b, padding)


@wrong(
    "winograd-negative-padding-crops",
    "A negative padding crops the image silently. Raise a ValueError.",
)
def conv2d_winograd(X, W, b=None, padding=0):
    ph, pw = both(padding)
    return winograd(F.pad(X, (pw, pw, ph, ph)), W, b)
