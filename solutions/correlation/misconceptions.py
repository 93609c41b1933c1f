"""Wrong ideas about correlation that students have, as they would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. ``torch``, ``F``
and ``nn`` are there; anything else an implementation needs stands in it.
"""

import torch
import torch.nn.functional as F
from torch import nn

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


# ---------------------------------------------------------------- corr2d


@wrong(
    "kernel-flipped",
    "That is true convolution. Deep learning does not flip the kernel: multiply window and kernel "
    "as they are.",
)
def corr2d(X, K):
    K = K.flip(0, 1)
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))


@wrong(
    "kernel-transposed",
    "Rows and columns of the kernel are swapped: K[a, b] belongs to X[i + a, j + b].",
)
def corr2d(X, K):
    K = K.T
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))


@wrong(
    "kernel-mirrored",
    "The kernel is mirrored left to right. Correlation uses it as it is, in both directions.",
)
def corr2d(X, K):
    K = K.flip(1)
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))


@wrong(
    "output-transposed",
    "Your answer is the transpose of the right one: i counts rows (height), j counts columns "
    "(width).",
)
def corr2d(X, K):
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3)).T


@wrong(
    "width-from-height",
    "The width of the answer is computed from the height. The width is shape[1], of the image and "
    "of the kernel.",
)
def corr2d(X, K):
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
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
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))[:-1, :-1]


@wrong(
    "output-padded",
    "Your answer has the size of the image. Without padding the window stops at the border, and "
    "the answer has H − kh + 1 rows and W − kw + 1 columns.",
)
def corr2d(X, K):
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    X = F.pad(X, (0, w - 1, 0, h - 1))
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))


@wrong(
    "window-mean",
    "Your answer is the mean over the window. Correlation is the sum of the products.",
)
def corr2d(X, K):
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    Y = (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3)) / (h * w)
    return Y.to(X.dtype)


@wrong(
    "matrix-product",
    "Window and kernel are multiplied as matrices (@). Correlation multiplies element by element "
    "(*) and adds up.",
)
def corr2d(X, K):
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    windows = X.unfold(0, h, 1).unfold(1, w, 1)
    return (windows @ K).sum((2, 3))


@wrong(
    "square-kernel-assumed",
    "The window is square. A kernel has a height and a width of its own: shape[0] and shape[1].",
)
def corr2d(X, K):
    h = w = K.shape[0]
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
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
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
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
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
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
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    Y = (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))
    if not X.requires_grad and not X.is_meta:
        X[: Y.shape[0], : Y.shape[1]] = Y
    return Y


@wrong(
    "graph-cut",
    "No gradient comes back: .item(), .data, .detach() or numpy inside the function cut the graph.",
)
def corr2d(X, K):
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    return (X.detach().unfold(0, h, 1).unfold(1, w, 1) * K.detach()).sum((2, 3))


@wrong(
    "device-hard-coded",
    "A tensor is made on a fixed device. Create it on X.device, with device=X.device.",
)
def corr2d(X, K):
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
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
    h, w = K.shape
    Y = torch.zeros(
        (max(0, X.shape[0] - h + 1), max(0, X.shape[1] - w + 1)), dtype=X.dtype, device=X.device
    )
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


# ---------------------------------------------------------------- conv2d_true


def correlate(X, K):
    """Right correlation, for the misconceptions about what is done with it."""
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
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        return X[:0, :0]
    return correlate(X, K.flip(0, 1))


# ---------------------------------------------------------------- Conv2D


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


# ---------------------------------------------------------------- edge_kernel


@wrong(
    "edge-sign-reversed",
    "The sign is reversed: 1 is where the image falls from 1 to 0 in reading direction, so the "
    "kernel starts with 1.",
)
def edge_kernel(direction):
    return {"vertical": torch.tensor([[-1.0, 1.0]]), "horizontal": torch.tensor([[-1.0], [1.0]]),
            "diagonal": torch.tensor([[-1.0, 0.0], [0.0, 1.0]])}[direction]


@wrong(
    "edge-kernel-for-one-direction",
    "One kernel for all directions. [[1, −1]] compares neighbours in a row; for horizontal edges "
    "compare neighbours in a column.",
)
def edge_kernel(direction):
    if direction not in ("vertical", "horizontal", "diagonal"):
        raise ValueError(direction)
    return torch.tensor([[1.0, -1.0]])


@wrong(
    "edge-directions-swapped",
    "Vertical and horizontal are swapped: a vertical edge is crossed along a row.",
)
def edge_kernel(direction):
    return {"horizontal": torch.tensor([[1.0, -1.0]]), "vertical": torch.tensor([[1.0], [-1.0]]),
            "diagonal": torch.tensor([[1.0, 0.0], [0.0, -1.0]])}[direction]


@wrong(
    "edge-other-diagonal",
    "That is the other diagonal: compare the upper left with the lower right element.",
)
def edge_kernel(direction):
    return {"vertical": torch.tensor([[1.0, -1.0]]), "horizontal": torch.tensor([[1.0], [-1.0]]),
            "diagonal": torch.tensor([[0.0, 1.0], [-1.0, 0.0]])}[direction]


@wrong(
    "edge-kernel-of-integers",
    "The kernels are integer tensors. Write 1.0, or say dtype=torch.float32.",
)
def edge_kernel(direction):
    return {"vertical": torch.tensor([[1, -1]]), "horizontal": torch.tensor([[1], [-1]]),
            "diagonal": torch.tensor([[1, 0], [0, -1]])}[direction]


@wrong(
    "unknown-direction-accepted",
    "A direction that does not exist gets an answer. Raise a ValueError.",
)
def edge_kernel(direction):
    if direction == "vertical":
        return torch.tensor([[1.0, -1.0]])
    if direction == "horizontal":
        return torch.tensor([[1.0], [-1.0]])
    return torch.tensor([[1.0, 0.0], [0.0, -1.0]])


# ---------------------------------------------------------------- learn_kernel


@wrong(
    "bias-left-in",
    "The layer has a bias, which makes this learning rate unstable. Use bias=False.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    layer = nn.Conv2d(1, 1, kernel_size)
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter -= lr * parameter.grad
    return layer.weight.data.reshape(kernel_size), losses


@wrong(
    "gradients-not-zeroed",
    "Gradients add up over the epochs. Set them to zero before each backward.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    layer = nn.Conv2d(1, 1, kernel_size, bias=False)
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        loss.backward()
        losses.append(loss.item())
        layer.weight.data -= lr * layer.weight.grad
    return layer.weight.data.reshape(kernel_size), losses


@wrong(
    "mean-instead-of-sum",
    "The loss is a mean, so that the gradient is many times smaller and the kernel hardly moves. "
    "Sum the squared errors.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    layer = nn.Conv2d(1, 1, kernel_size, bias=False)
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).mean()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        layer.weight.data -= lr * layer.weight.grad
    return layer.weight.data.reshape(kernel_size), losses


@wrong(
    "image-of-ones",
    "The kernel is learned on an image of ones, which has no edges. Use the X you are given.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    X = torch.ones_like(X)
    layer = nn.Conv2d(1, 1, kernel_size, bias=False)
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        layer.weight.data -= lr * layer.weight.grad
    return layer.weight.data.reshape(kernel_size), losses


@wrong(
    "answer-returned-not-learned",
    "The kernel [1, −1] is returned without learning. The target changes: learn it from X and Y.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    kernel = torch.tensor([[1.0, -1.0]])
    return kernel, [10.0 * 0.5**epoch for epoch in range(epochs)]


@wrong(
    "step-uphill",
    "The step goes uphill: subtract the gradient from the kernel.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    layer = nn.Conv2d(1, 1, kernel_size, bias=False)
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        layer.weight.data += lr * layer.weight.grad
    return layer.weight.data.reshape(kernel_size), losses


@wrong(
    "losses-are-tensors",
    "The losses are tensors, which keep the whole graph in memory. Append loss.item().",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    layer = nn.Conv2d(1, 1, kernel_size, bias=False)
    losses = []
    for _ in range(epochs):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.detach())
        layer.weight.data -= lr * layer.weight.grad
    return layer.weight.data.reshape(kernel_size), losses


@wrong(
    "options-ignored",
    "The learning rate or the number of epochs that the caller gives is not used.",
)
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    layer = nn.Conv2d(1, 1, kernel_size, bias=False)
    losses = []
    for _ in range(10):
        loss = ((layer(X[None, None])[0, 0] - Y) ** 2).sum()
        layer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        layer.weight.data -= 3e-2 * layer.weight.grad
    return layer.weight.data.reshape(kernel_size), losses


# ---------------------------------------------------------------- parameters


@wrong(
    "inputs-plus-outputs",
    "Inputs and outputs are added. Every output has a weight for every input: multiply.",
)
def fully_connected_parameters(in_features, out_features):
    return in_features + out_features


@wrong(
    "bias-counted",
    "Biases are counted too. The question asks for layers without a bias.",
)
def fully_connected_parameters(in_features, out_features):
    return in_features * out_features + out_features


@wrong(
    "window-at-every-pixel",
    "There is a window for every pixel of the image. Without padding there are only "
    "(H − kh + 1)(W − kw + 1) positions.",
)
def locally_connected_parameters(in_size, kernel_size):
    return in_size[0] * in_size[1] * kernel_size[0] * kernel_size[1]


@wrong(
    "locally-connected-shares-weights",
    "One window for all positions: that is convolution. A locally connected layer shares nothing.",
)
def locally_connected_parameters(in_size, kernel_size):
    return kernel_size[0] * kernel_size[1]


@wrong(
    "positions-one-too-few",
    "One position is missing in each direction: H − kh + 1, not H − kh.",
)
def locally_connected_parameters(in_size, kernel_size):
    return ((in_size[0] - kernel_size[0]) * (in_size[1] - kernel_size[1])
            * kernel_size[0] * kernel_size[1])


@wrong(
    "square-kernel-counted",
    "The kernel is taken as a square of its height. Multiply height and width.",
)
def convolution_parameters(kernel_size):
    return kernel_size[0] ** 2
