"""A convolution layer: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. ``torch``, ``F``
and ``nn`` are there; anything else an implementation needs stands in it.
"""

import torch
from torch import nn

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def correlate(X, K):
    """Right correlation, for the misconceptions about what is done with it."""
    if X.dim() != 2:
        raise ValueError("X must have two dimensions")
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))


@wrong(
    "bias-forgotten",
    "The bias is not added. A convolution layer answers corr2d(X, weight) + bias.",
)
class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size if isinstance(kernel_size, tuple)
                                              else (kernel_size, kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return correlate(x, self.weight)


@wrong(
    "weight-not-a-parameter",
    "The weight is a plain tensor, so that no optimizer finds it. Wrap it in nn.Parameter.",
)
class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = torch.rand(kernel_size if isinstance(kernel_size, tuple)
                                 else (kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return correlate(x, self.weight) + self.bias


@wrong(
    "layer-cuts-the-graph",
    "No gradient reaches the weight: .data, .detach(), .item() or numpy in forward cut the graph.",
)
class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size if isinstance(kernel_size, tuple)
                                              else (kernel_size, kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return correlate(x, self.weight.data) + self.bias


@wrong(
    "forward-uses-a-global",
    "forward reads a variable of the notebook instead of its argument or the layer's own weight.",
)
class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        global layer_weight
        self.weight = nn.Parameter(torch.rand(kernel_size if isinstance(kernel_size, tuple)
                                              else (kernel_size, kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))
        layer_weight = self.weight

    def forward(self, x):
        return correlate(x, layer_weight) + self.bias


@wrong(
    "only-pairs-accepted",
    "Conv2D(3) fails or is not 3×3. One number means a square kernel.",
)
class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return correlate(x, self.weight) + self.bias


@wrong(
    "bias-random",
    "The bias does not start at zero.",
)
class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size if isinstance(kernel_size, tuple)
                                              else (kernel_size, kernel_size)))
        self.bias = nn.Parameter(torch.rand(1) + 0.5)

    def forward(self, x):
        return correlate(x, self.weight) + self.bias


@wrong(
    "bias-for-each-weight",
    "The bias has the kernel's shape. A layer has one for the whole answer: torch.zeros(1).",
)
class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        size = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
        self.weight = nn.Parameter(torch.rand(size))
        self.bias = nn.Parameter(torch.zeros(size))

    def forward(self, x):
        return correlate(x, self.weight) + self.bias


@wrong(
    "layer-in-single-precision",
    "The layer answers in float32, whatever it was moved to. Let the dtype follow from X and the "
    "parameters.",
)
class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size if isinstance(kernel_size, tuple)
                                              else (kernel_size, kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return correlate(x.float(), self.weight.float()) + self.bias.float()


@wrong(
    "layer-refuses-nothing",
    "An image that is too small, or of other dimensions, is answered all the same. Raise a "
    "ValueError, as corr2d does.",
)
class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size if isinstance(kernel_size, tuple)
                                              else (kernel_size, kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        h, w = self.weight.shape
        if h > x.shape[-2] or w > x.shape[-1]:
            return x[..., :0, :0]
        windows = x.unfold(-2, h, 1).unfold(-2, w, 1)
        return (windows * self.weight).sum((-2, -1)) + self.bias
