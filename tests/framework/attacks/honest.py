"""The neighbour of every attack: a right solution, which has to get all its points."""

import torch
from torch import nn


def corr2d(X, K):
    h, w = K.shape
    if X.ndim != 2 or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("the kernel is larger than the image")
    if not h * w:
        raise ValueError("the kernel is empty")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))


def conv2d_true(X, K):
    return corr2d(X, K.flip(0, 1))


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        size = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.weight = nn.Parameter(torch.rand(size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X):
        return corr2d(X, self.weight) + self.bias


def edge_kernel(direction):
    return {
        "vertical": torch.tensor([[1.0, -1.0]]),
        "horizontal": torch.tensor([[1.0], [-1.0]]),
        "diagonal": torch.tensor([[1.0, 0.0], [0.0, -1.0]]),
    }[direction]


def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    kernel, losses = torch.zeros(kernel_size), []
    for _ in range(epochs):
        kernel.requires_grad_(True)
        loss = ((corr2d(X, kernel) - Y) ** 2).sum()
        (gradient,) = torch.autograd.grad(loss, kernel)
        losses.append(loss.item())
        kernel = (kernel - lr * gradient).detach()
    return kernel, losses


def fully_connected_parameters(in_features, out_features):
    return in_features * out_features


def locally_connected_parameters(in_size, kernel_size):
    positions = (in_size[0] - kernel_size[0] + 1) * (in_size[1] - kernel_size[1] + 1)
    return positions * kernel_size[0] * kernel_size[1]


def convolution_parameters(kernel_size):
    return kernel_size[0] * kernel_size[1]
