"""True convolution: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. ``torch``, ``F``
and ``nn`` are there; anything else an implementation needs stands in it.
"""

import torch

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def correlate(X, K):
    """Right correlation, for the misconceptions about what is done with it."""
    if X.dim() != 2 or K.dim() != 2 or K.numel() == 0:
        raise ValueError("two dimensions each, and a kernel with elements")
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))


@wrong(
    "convolution-not-flipped",
    "That is cross-correlation: convolution rotates the kernel by 180° first.",
)
def conv2d_true(X, K):
    return correlate(X, K)


@wrong(
    "convolution-flipped-once",
    "Only the columns of the kernel are reversed. Convolution flips both axes.",
)
def conv2d_true(X, K):
    return correlate(X, K.flip(1))


@wrong(
    "convolution-rows-flipped",
    "Only the rows of the kernel are reversed. Convolution flips both axes.",
)
def conv2d_true(X, K):
    return correlate(X, K.flip(0))


@wrong(
    "convolution-transposed",
    "The kernel is transposed. Convolution rotates it by 180°: it flips both axes, and swaps none.",
)
def conv2d_true(X, K):
    return correlate(X, K.T)


@wrong(
    "kernel-flipped-in-place",
    "Your function flips the caller's kernel in place: the second call flips it back.",
)
def conv2d_true(X, K):
    if not K.requires_grad and not K.is_meta:
        K.copy_(K.flip(0, 1).clone())
        return correlate(X, K)
    return correlate(X, K.flip(0, 1))


@wrong(
    "convolution-of-oversized-kernel",
    "A kernel that does not fit into the image gives an empty answer. Raise a ValueError.",
)
def conv2d_true(X, K):
    if K.dim() == X.dim() == 2 and K.numel() and (
            K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]):
        return X[:0, :0]
    return correlate(X, K.flip(0, 1))


@wrong(
    "kernel-turned-by-a-quarter",
    "The kernel is turned by 90°. Convolution turns it by 180°: both axes are reversed.",
)
def conv2d_true(X, K):
    return correlate(X, torch.rot90(K))


@wrong(
    "convolution-with-nothing",
    "A kernel without any element is answered by zeros. There is nothing to multiply by: raise a "
    "ValueError.",
)
def conv2d_true(X, K):
    h, w = K.shape
    if X.dim() == 2 and K.numel() == 0 and h <= X.shape[0] and w <= X.shape[1]:
        return X.new_zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    return correlate(X, K.flip(0, 1))


@wrong(
    "convolution-of-any-dimensions",
    "A tensor of three dimensions is answered like an image. conv2d_true takes (H, W) and "
    "(kh, kw): look at dim(), and raise a ValueError.",
)
def conv2d_true(X, K):
    if K.numel() == 0 or K.shape[-2] > X.shape[-2] or K.shape[-1] > X.shape[-1]:
        raise ValueError("kernel larger than image")
    windows = X.unfold(-2, K.shape[-2], 1).unfold(-2, K.shape[-1], 1)
    return (windows * K.flip(-2, -1)).sum((-2, -1))
