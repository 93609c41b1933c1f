"""Learning a kernel: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. ``torch``, ``F``
and ``nn`` are there; anything else an implementation needs stands in it.
"""

import torch
from torch import nn

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def made(X, Y, kernel_size, bias=False):
    """A layer for X, once X and Y are found to be two-dimensional."""
    if X.dim() != 2 or Y.dim() != 2:
        raise ValueError("X and Y must have two dimensions")
    return nn.Conv2d(1, 1, kernel_size, bias=bias, dtype=X.dtype)


@wrong(
    "bias-left-in",
    "The layer has a bias, which makes this learning rate unstable. Use bias=False.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    layer = made(X, Y, kernel_size, bias=True)
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter -= lr * parameter.grad
    return layer.weight.data[0, 0], losses


@wrong(
    "gradients-not-zeroed",
    "Gradients add up over the epochs. Set them to zero before each backward.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    layer = made(X, Y, kernel_size)
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        loss.backward()
        losses.append(loss.item())
        layer.weight.data -= lr * layer.weight.grad
    return layer.weight.data[0, 0], losses


@wrong(
    "kernel-never-changes",
    "The kernel stays what it was at the start: the gradient is set to zero between backward and "
    "step, or no step is taken. Set it to zero before backward, and take the step after it.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    layer = made(X, Y, kernel_size)
    loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
    return layer.weight.data[0, 0], [loss.item()] * epochs


@wrong(
    "mean-instead-of-sum",
    "The loss is a mean, so that the gradient is many times smaller and the kernel hardly moves. "
    "Sum the squared errors.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    layer = made(X, Y, kernel_size)
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).mean()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        layer.weight.data -= lr * layer.weight.grad
    return layer.weight.data[0, 0], losses


@wrong(
    "losses-averaged",
    "The kernel is learned rightly, but the losses you return are means over the pixels. Return "
    "the sums that you learn by.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    layer = made(X, Y, kernel_size)
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.item() / Y.numel())
        layer.weight.data -= lr * layer.weight.grad
    return layer.weight.data[0, 0], losses


@wrong(
    "image-of-ones",
    "The kernel is learned on an image of ones, which has no edges. Use the X you are given.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    X = torch.ones_like(X)
    layer = made(X, Y, kernel_size)
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        layer.weight.data -= lr * layer.weight.grad
    return layer.weight.data[0, 0], losses


@wrong(
    "answer-returned-not-learned",
    "The kernel [1, −1] is returned without learning. The target changes: learn it from X and Y.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    made(X, Y, kernel_size)(X[None, None])
    kernel = torch.tensor([[1.0, -1.0]], dtype=X.dtype)
    return kernel, [10.0 * 0.5**epoch for epoch in range(epochs)]


@wrong(
    "step-uphill",
    "The step goes uphill: subtract the gradient from the kernel.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    layer = made(X, Y, kernel_size)
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        layer.weight.data += lr * layer.weight.grad
    return layer.weight.data[0, 0], losses


@wrong(
    "losses-are-tensors",
    "The losses are tensors, which keep the whole graph in memory. Append loss.item().",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    layer = made(X, Y, kernel_size)
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.detach())
        layer.weight.data -= lr * layer.weight.grad
    return layer.weight.data[0, 0], losses


@wrong(
    "options-ignored",
    "The learning rate or the number of epochs that the caller gives is not used.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    layer = made(X, Y, kernel_size)
    losses = []
    for _ in range(10):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        layer.weight.data -= 3e-2 * layer.weight.grad
    return layer.weight.data[0, 0], losses


@wrong(
    "learned-in-single-precision",
    "The kernel is learned in float32, whatever X is. Make the layer with X's dtype.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    X, Y = X.float(), Y.float()
    layer = made(X, Y, kernel_size)
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        layer.weight.data -= lr * layer.weight.grad
    return layer.weight.data[0, 0], losses


@wrong(
    "size-wants-a-pair",
    "A kernel size of one number fails. It means a square kernel.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    height, width = kernel_size
    layer = made(X, Y, (height, width))
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        layer.weight.data -= lr * layer.weight.grad
    return layer.weight.data[0, 0], losses


@wrong(
    "target-is-broadcast",
    "A target of other dimensions than two is stretched over the prediction, or the other way "
    "round, and something is learned. Look at dim(), and raise a ValueError.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    layer = nn.Conv2d(1, 1, kernel_size, bias=False, dtype=X.dtype)
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        layer.weight.data -= lr * layer.weight.grad
    return layer.weight.data[0, 0], losses
