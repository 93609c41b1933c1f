"""Two-dimensional cross-correlation: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. ``torch``, ``F``
and ``nn`` are there; anything else an implementation needs stands in it.
"""

import torch
import torch.nn.functional as F

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def two_dimensional(X, K):
    """Refuse other dimensions, and a kernel without elements."""
    if X.dim() != 2 or K.dim() != 2 or K.numel() == 0:
        raise ValueError("two dimensions each, and a kernel with elements")


def must_fit(X, K):
    """Refuse what has no valid window."""
    two_dimensional(X, K)
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")


@wrong(
    "kernel-flipped",
    "That is true convolution. Deep learning does not flip the kernel: multiply window and kernel "
    "as they are.",
)
def corr2d(X, K):
    K = K.flip(0, 1)
    must_fit(X, K)
    h, w = K.shape
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))


@wrong(
    "kernel-transposed",
    "Rows and columns of the kernel are swapped: K[a, b] belongs to X[i + a, j + b].",
)
def corr2d(X, K):
    two_dimensional(X, K)
    K = K.T
    must_fit(X, K)
    h, w = K.shape
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))


@wrong(
    "kernel-mirrored",
    "The kernel is mirrored left to right. Correlation uses it as it is, in both directions.",
)
def corr2d(X, K):
    K = K.flip(1)
    must_fit(X, K)
    h, w = K.shape
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))


@wrong(
    "output-transposed",
    "Your answer is the transpose of the right one: i counts rows (height), j counts columns "
    "(width).",
)
def corr2d(X, K):
    must_fit(X, K)
    h, w = K.shape
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3)).T


@wrong(
    "width-from-height",
    "The width of the answer is computed from the height. The width is shape[1], of the image and "
    "of the kernel.",
)
def corr2d(X, K):
    must_fit(X, K)
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[0] - h + 1, dtype=X.dtype, device=X.device)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@wrong(
    "output-one-too-small",
    "The last row and column are missing. Count the positions of the window, not the gaps between "
    "them: H − kh + 1.",
)
def corr2d(X, K):
    must_fit(X, K)
    h, w = K.shape
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))[:-1, :-1]


@wrong(
    "output-padded",
    "Your answer has the size of the image. Without padding the window stops at the border, and "
    "the answer has H − kh + 1 rows and W − kw + 1 columns.",
)
def corr2d(X, K):
    must_fit(X, K)
    h, w = K.shape
    X = F.pad(X, (0, w - 1, 0, h - 1))
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))


@wrong(
    "output-padded-all-around",
    "Your answer has the size of the image: half a kernel of padding is put all around. Without "
    "padding the answer has H − kh + 1 rows and W − kw + 1 columns.",
)
def corr2d(X, K):
    must_fit(X, K)
    (H, W), (h, w) = X.shape, K.shape
    X = F.pad(X, (w // 2, w // 2, h // 2, h // 2))
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))[:H, :W]


@wrong(
    "window-mean",
    "Your answer is the mean over the window. Correlation is the sum of the products.",
)
def corr2d(X, K):
    must_fit(X, K)
    h, w = K.shape
    Y = (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3)) / (h * w)
    return Y.to(X.dtype)


@wrong(
    "matrix-product",
    "Window and kernel are multiplied as matrices (@). Correlation multiplies element by element "
    "(*) and adds up.",
)
def corr2d(X, K):
    must_fit(X, K)
    h, w = K.shape
    windows = X.unfold(0, h, 1).unfold(1, w, 1)
    return (windows @ K).sum((2, 3))


@wrong(
    "square-kernel-assumed",
    "The window is square. A kernel has a height and a width of its own: shape[0] and shape[1].",
)
def corr2d(X, K):
    must_fit(X, K)
    h = w = K.shape[0]
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1, dtype=X.dtype, device=X.device)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@wrong(
    "zeros-always-float32",
    "The answer is always float32. torch.zeros without a dtype makes float32: allocate with the "
    "dtype and device of X.",
)
def corr2d(X, K):
    must_fit(X, K)
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@wrong(
    "integer-buffer",
    "Fractions vanished: the answer is collected in an integer tensor.",
)
def corr2d(X, K):
    must_fit(X, K)
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1), dtype=torch.int64, device=X.device)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@wrong(
    "input-changed",
    "Your function changes the image it is given. Work on a copy: the caller still needs it.",
)
def corr2d(X, K):
    must_fit(X, K)
    h, w = K.shape
    Y = (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))
    if not X.requires_grad and not X.is_meta:
        X[: Y.shape[0], : Y.shape[1]] = Y
    return Y


@wrong(
    "graph-cut",
    "No gradient comes back: .item(), .data, .detach() or numpy inside the function cut the graph.",
)
def corr2d(X, K):
    must_fit(X, K)
    h, w = K.shape
    return (X.detach().unfold(0, h, 1).unfold(1, w, 1) * K.detach()).sum((2, 3))


@wrong(
    "device-hard-coded",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def corr2d(X, K):
    must_fit(X, K)
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1), dtype=X.dtype)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@wrong(
    "oversized-kernel-accepted",
    "A kernel that does not fit into the image gives an empty answer. There is no valid window: "
    "raise a ValueError.",
)
def corr2d(X, K):
    two_dimensional(X, K)
    h, w = K.shape
    Y = torch.zeros(
        (max(0, X.shape[0] - h + 1), max(0, X.shape[1] - w + 1)), dtype=X.dtype, device=X.device
    )
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@wrong(
    "answer-in-the-corner-of-an-image",
    "Your answer is as large as the image, and its last rows and columns stay empty. It has "
    "H − kh + 1 rows and W − kw + 1 columns, one for each place of the window.",
)
def corr2d(X, K):
    must_fit(X, K)
    h, w = K.shape
    right = (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))
    return F.pad(right, (0, w - 1, 0, h - 1))


@wrong(
    "as-many-places-as-weights",
    "Your loops visit as many places as the kernel has weights. They have to run over the rows and "
    "columns of the answer.",
)
def corr2d(X, K):
    must_fit(X, K)
    h, w = K.shape
    Y = X.new_zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(min(h, Y.shape[0])):
        for j in range(min(w, Y.shape[1])):
            Y[i, j] = (X[i:i + h, j:j + w] * K).sum()
    return Y


@wrong(
    "empty-kernel-accepted",
    "A kernel without any element is answered by zeros. There is nothing to multiply by: raise a "
    "ValueError.",
)
def corr2d(X, K):
    h, w = K.shape
    if X.dim() != 2 or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))


@wrong(
    "any-dimensions-accepted",
    "A tensor of three dimensions is answered like an image. corr2d takes (H, W) and (kh, kw): "
    "look at dim(), and raise a ValueError.",
)
def corr2d(X, K):
    h, w = K.shape[-2:]
    if K.numel() == 0 or h > X.shape[-2] or w > X.shape[-1]:
        raise ValueError("kernel larger than image")
    return (X.unfold(-2, h, 1).unfold(-2, w, 1) * K).sum((-2, -1))
