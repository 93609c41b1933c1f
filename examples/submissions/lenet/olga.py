"""Assignment 5, Olga."""
import math

import torch
import torch.nn.functional as F
from torch import nn


def as_pair(size):
    return (size, size) if isinstance(size, int) else tuple(size)


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolutions = nn.ModuleList([nn.Conv2d(1, 6, 5, padding="same"), nn.Conv2d(6, 16, 5)])
        self.dense = nn.ModuleList([nn.Linear(400, 120), nn.Linear(120, 84)])
        self.head = nn.Linear(84, 10)
        self.pool, self.bend = nn.MaxPool2d(2), nn.Tanh()

    def forward(self, x):
        for layer in self.convolutions:
            x = self.pool(self.bend(layer(x)))
        x = torch.flatten(x, start_dim=1)
        for layer in self.dense:
            x = self.bend(layer(x))
        return self.head(x)


def shape_trace(model, X):
    trace = []

    def note(module, inputs, output):
        trace.append((type(module).__name__, tuple(output.shape)))

    handles = [module.register_forward_hook(note)
               for module in model.modules() if not list(module.children())]
    try:
        with torch.no_grad():
            model(X)
    finally:
        for handle in handles:
            handle.remove()
    return trace


def train(model, images, labels, epochs, lr):
    model.train()
    losses = []
    for _ in range(epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr)
        batch_losses = []
        for index in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images[index]), labels[index])
            loss.backward()
            optimizer.step()
            batch_losses.append(loss.item())
        losses.append(sum(batch_losses) / len(batch_losses))
    return losses


def inception_cost(c_in, size, branches):
    area = math.prod(size) if isinstance(size, tuple | list) else size * size
    total = 0
    for branch in branches:
        widths = [c_in, *(c_out for c_out, _ in branch)]
        for before, (after, kernel) in zip(widths, branch, strict=False):
            window = math.prod(kernel) if isinstance(kernel, tuple | list) else kernel * kernel
            assert before > 0 and after > 0 and area > 0
            assert min(kernel if isinstance(kernel, tuple | list) else (kernel,)) > 0
            total += area * before * after * window
    return total


class Inception(nn.Module):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__()
        self.straight = nn.Sequential(nn.Conv2d(c_in, c1, kernel_size=1), nn.ReLU())
        self.middle = nn.Sequential(
            nn.Conv2d(c_in, c2[0], kernel_size=1), nn.ReLU(),
            nn.Conv2d(c2[0], c2[1], kernel_size=3, padding=1), nn.ReLU())
        self.wide = nn.Sequential(
            nn.Conv2d(c_in, c3[0], kernel_size=1), nn.ReLU(),
            nn.Conv2d(c3[0], c3[1], kernel_size=5, padding=2), nn.ReLU())
        self.pooled = nn.Sequential(
            nn.MaxPool2d(kernel_size=3, stride=1, padding=1),
            nn.Conv2d(c_in, c4, kernel_size=1), nn.ReLU())

    def forward(self, X):
        branches = (self.straight, self.middle, self.wide, self.pooled)
        return torch.cat([branch(X) for branch in branches], dim=1)


if __name__ == "__main__":
    print(shape_trace(LeNet(), torch.zeros(1, 1, 28, 28)))
