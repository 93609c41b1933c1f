"""Trusted implementations of the lenet assignment, on torch's own modules.

``digits.npz`` beside this file holds what the suite's wandering digits are made of: 1 797
handwritten digits, ``images`` (1797, 8, 8) from 0 to 16 and ``labels`` (1797,), by E. Alpaydin and
C. Kaynak (UCI Machine Learning Repository, CC BY 4.0), in scikit-learn's version.
"""

import torch
import torch.nn.functional as F
from torch import nn

from autograder.suite import sums_of_products

BATCH = 64


class LeNet(nn.Sequential):
    """Images (N, 1, 28, 28) -> logits (N, 10); 61 706 parameters."""

    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
        )


def shape_trace(model, X):
    """(class name, output shape) of every module without children, in the order of calls."""
    trace = []

    def note(module, inputs, output):
        trace.append((type(module).__name__, tuple(output.shape)))

    hooks = [module.register_forward_hook(note)
             for module in model.modules() if not list(module.children())]
    try:
        with torch.no_grad():
            model(X)
    finally:
        for hook in hooks:
            hook.remove()
    return trace


def feature_maps(model, X):
    """(name, answer) of every nn.Conv2d, in the order of calls, in evaluation mode."""
    maps, was_training = [], model.training

    def keep(name):
        return lambda module, inputs, output: maps.append((name, output.clone()))

    hooks = [module.register_forward_hook(keep(name))
             for name, module in model.named_modules() if isinstance(module, nn.Conv2d)]
    model.eval()
    try:
        with torch.no_grad():
            model(X)
    finally:
        model.train(was_training)
        for hook in hooks:
            hook.remove()
    return maps


def train(model, images, labels, epochs, lr):
    """Adam on batches of 64 in a new random order every epoch -> mean loss of every epoch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(images)).split(BATCH):
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(images))
    return losses


def _pair(size):
    return (size, size) if isinstance(size, int) else tuple(size)


def inception_cost(c_in, size, branches):
    """Multiply-accumulates of all convolutions of a block that keeps the image's size."""
    height, width = _pair(size)
    cost = 0
    for branch in branches:
        channels = c_in
        for c_out, kernel in branch:
            kh, kw = _pair(kernel)
            if min(height, width, channels, c_out, kh, kw) < 1:
                raise ValueError("sizes and numbers of channels have to be positive")
            cost += height * width * channels * c_out * kh * kw
            channels = c_out
    return cost


@sums_of_products
class Inception(nn.Module):
    """Four branches side by side: X (N, c_in, H, W) -> (N, c1 + c2[1] + c3[1] + c4, H, W)."""

    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__()
        self.b1 = nn.Conv2d(c_in, c1, 1)
        self.b2_reduce, self.b2 = nn.Conv2d(c_in, c2[0], 1), nn.Conv2d(c2[0], c2[1], 3, padding=1)
        self.b3_reduce, self.b3 = nn.Conv2d(c_in, c3[0], 1), nn.Conv2d(c3[0], c3[1], 5, padding=2)
        self.b4 = nn.Conv2d(c_in, c4, 1)

    def forward(self, X):
        return torch.cat([
            F.relu(self.b1(X)),
            F.relu(self.b2(F.relu(self.b2_reduce(X)))),
            F.relu(self.b3(F.relu(self.b3_reduce(X)))),
            F.relu(self.b4(F.max_pool2d(X, 3, stride=1, padding=1))),
        ], dim=1)
