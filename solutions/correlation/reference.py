"""Trusted implementations of the correlation assignment, on torch's own operators."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from autograder.suite import sums_of_products


@sums_of_products
def corr2d(X, K):
    """Cross-correlation of X (H, W) with K (kh, kw) -> (H-kh+1, W-kw+1)."""
    if X.dim() != 2 or K.dim() != 2:
        raise ValueError("X and K must have two dimensions")
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("the kernel is larger than the image")
    if not X.is_floating_point():  # exact, as large as they are
        return (X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1) * K).sum((2, 3), dtype=X.dtype)
    return F.conv2d(X[None, None], K[None, None])[0, 0]


@sums_of_products
def conv2d_true(X, K):
    """Convolution: cross-correlation with K rotated by 180 degrees."""
    return corr2d(X, K.flip(0, 1))


@sums_of_products
class Conv2D(nn.Module):
    """Cross-correlation with a learnable kernel, and a bias."""

    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(pair(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X):
        return corr2d(X, self.weight) + self.bias


def edge_kernel(direction):
    """The kernel that answers 1 where 1 turns into 0 along the reading direction."""
    kernels = {
        "vertical": [[1.0, -1.0]],
        "horizontal": [[1.0], [-1.0]],
        "diagonal": [[1.0, 0.0], [0.0, -1.0]],
    }
    return torch.tensor(kernels[direction])


def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    """Gradient descent on the summed squared error, from zeros."""
    if Y.dim() != 2:
        raise ValueError("Y must have two dimensions")
    kernel = torch.zeros(pair(kernel_size), dtype=X.dtype)
    losses = []
    for _ in range(epochs):
        kernel.requires_grad_(True)
        loss = ((corr2d(X, kernel) - Y) ** 2).sum()
        (gradient,) = torch.autograd.grad(loss, kernel)
        losses.append(loss.item())
        kernel = (kernel - lr * gradient).detach()
    return kernel, losses


def pair(size):
    """(height, width) of a size that may be one int."""
    return (size, size) if isinstance(size, int) else tuple(size)


def fully_connected_parameters(in_features, out_features):
    """Every output sees every input."""
    return in_features * out_features


def locally_connected_parameters(in_size, kernel_size):
    """Every output position has a window of its own."""
    in_size, kernel_size = pair(in_size), pair(kernel_size)
    if any(k > n for n, k in zip(in_size, kernel_size, strict=True)):
        raise ValueError("the window is larger than the image")
    positions = math.prod(n - k + 1 for n, k in zip(in_size, kernel_size, strict=True))
    return positions * math.prod(kernel_size)


def convolution_parameters(kernel_size):
    """One window, shared by all positions."""
    return math.prod(pair(kernel_size))


def test_corr2d(corr2d):
    """Which mistakes can be found: those that it finds. An answer shows neither gradients nor what
    became of the arguments."""
    X = torch.tensor([[0.5, -1.0, 2.0, 3.0, 1.0], [4.0, 0.0, -2.5, 1.0, 6.0],
                      [7.0, 2.0, 1.0, -3.0, 0.0], [1.0, 5.0, 0.25, 8.0, -4.0]])
    kernels = ([[2.0]], [[0.0, 1.0], [2.0, 3.0]], [[1.0], [-2.0], [4.0]], [[1.0, -2.0, 4.0]],
               [[1.0, 2.0, 3.0], [4.0, 5.0, -6.0]], (X / 2).tolist())
    for numbers in kernels:
        K = torch.tensor(numbers)
        for dtype in (torch.float32, torch.float64, torch.int64):
            image, kernel = X.to(dtype), K.to(dtype)
            windows = image.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1)
            torch.testing.assert_close(
                corr2d(image, kernel), (windows * kernel).sum((2, 3)), rtol=1e-4, atol=1e-4)
        assert corr2d(X.to("meta"), K.to("meta")).device.type == "meta"
    torch.testing.assert_close(corr2d(X.T, K.T), (X * K).sum()[None, None])
    for image, kernel in ((X, torch.ones(5, 2)), (X, torch.ones(2, 6)), (X, torch.ones(0, 2)),
                          (X[None], torch.ones(2, 2)), (X[None], torch.ones(1, 2, 2)),
                          (torch.ones(0, 3), torch.ones(1, 1))):
        try:
            corr2d(image, kernel)
        except ValueError:
            continue
        raise AssertionError(f"answered for {tuple(image.shape)} and {tuple(kernel.shape)}")
