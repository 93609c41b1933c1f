"""Right solutions of correlation unlike the model solution, which have to keep their points."""

import itertools

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder.suite import Alternatives

right = Alternatives(__file__)


def must_fit(X, K):
    """Refuse what has no valid window."""
    if X.dim() != 2 or K.dim() != 2 or K.numel() == 0:
        raise ValueError("two dimensions each, and a kernel with elements")
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("the kernel is larger than the image")


def two_dimensional(X, Y):
    """Refuse an image or a target of other dimensions."""
    if X.dim() != 2 or Y.dim() != 2:
        raise ValueError("X and Y must have two dimensions")


def correlate(X, K):
    """One product for each kernel element."""
    must_fit(X, K)
    rows, columns = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    return sum(
        X[a : a + rows, b : b + columns] * K[a, b]
        for a in range(K.shape[0]) for b in range(K.shape[1])
    )


# ---------------------------------------------------------------- corr2d


@right("loops")
def corr2d(X, K):
    must_fit(X, K)
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1, dtype=X.dtype, device=X.device)
    for i, j in itertools.product(range(Y.shape[0]), range(Y.shape[1])):
        Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@right("per-tap")
def corr2d(X, K):
    return correlate(X, K)


@right("unfold-einsum")
def corr2d(X, K):
    must_fit(X, K)
    windows = X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1)
    return torch.einsum("ijab,ab->ij", windows, K)


@right("as-strided")
def corr2d(X, K):
    must_fit(X, K)
    h, w = K.shape
    down, across = X.stride()
    windows = X.as_strided(
        (X.shape[0] - h + 1, X.shape[1] - w + 1, h, w), (down, across, down, across),
        X.storage_offset(),
    )
    return (windows.reshape(-1, h * w) @ K.reshape(-1)).reshape(windows.shape[:2])


@right("im2col")
def corr2d(X, K):
    must_fit(X, K)
    if not X.is_floating_point() or X.is_meta:
        return correlate(X, K)
    columns = F.unfold(X[None, None], tuple(K.shape))
    answer = K.reshape(1, -1) @ columns[0]
    return answer.reshape(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)


@right("fft")
def corr2d(X, K):
    must_fit(X, K)
    if not X.is_floating_point() or X.is_meta:
        return correlate(X, K)
    size = (X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1)
    spectrum = torch.fft.rfft2(X, s=size) * torch.fft.rfft2(K.flip(0, 1), s=size)
    full = torch.fft.irfft2(spectrum, s=size)
    return full[K.shape[0] - 1 : X.shape[0], K.shape[1] - 1 : X.shape[1]]


@right("recursion")
def corr2d(X, K):
    must_fit(X, K)
    if K.shape[0] > 1:  # the first row of the kernel, and the rest of it one row further down
        return corr2d(X[: X.shape[0] - K.shape[0] + 1], K[:1]) + corr2d(X[1:], K[1:])
    if K.shape[1] > 1:
        return corr2d(X[:, : X.shape[1] - K.shape[1] + 1], K[:, :1]) + corr2d(X[:, 1:], K[:, 1:])
    return X * K[0, 0]


@right("toeplitz")
def corr2d(X, K):
    must_fit(X, K)
    rows, columns = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    answer = 0
    for a in range(K.shape[0]):
        band = torch.stack([
            torch.cat([K.new_zeros(j), K[a], K.new_zeros(columns - 1 - j)]) for j in range(columns)
        ])
        answer = answer + (X[a : a + rows, None, :] * band).sum(2)
    return answer


class OfNumpy(torch.autograd.Function):
    """The sums are NumPy's, and so are those of the gradients."""

    @staticmethod
    def forward(ctx, X, K):
        ctx.save_for_backward(X, K)
        windows = np.lib.stride_tricks.sliding_window_view(X.detach().numpy(), tuple(K.shape))
        return torch.from_numpy(np.tensordot(windows, K.detach().numpy(), 2))

    @staticmethod
    def backward(ctx, upstream):
        X, K = ctx.saved_tensors
        rows, columns = K.shape[0] - 1, K.shape[1] - 1
        around = F.pad(upstream, (columns, columns, rows, rows))
        return OfNumpy.apply(around, K.flip(0, 1)), OfNumpy.apply(X, upstream)


@right("numpy-with-its-own-gradient")
def corr2d(X, K):
    must_fit(X, K)
    if X.is_meta:
        return X.new_empty(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)
    return OfNumpy.apply(X, K)


@right("textbook-loops", at_least=0.75)
def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


# ---------------------------------------------------------------- conv2d_true


@right("flip-and-correlate")
def conv2d_true(X, K):
    return correlate(X, K.flip(0).flip(1))


@right("rot90")
def conv2d_true(X, K):
    return correlate(X, torch.rot90(K, 2))


@right("flip-everything")
def conv2d_true(X, K):
    return correlate(X.flip(0, 1), K).flip(0, 1)


@right("index-backwards")
def conv2d_true(X, K):
    must_fit(X, K)
    h, w = K.shape
    rows, columns = X.shape[0] - h + 1, X.shape[1] - w + 1
    Y = torch.zeros(rows, columns, dtype=X.dtype, device=X.device)
    for a in range(h):
        for b in range(w):
            Y = Y + X[a : a + rows, b : b + columns] * K[h - 1 - a, w - 1 - b]
    return Y


@right("product-of-spectra")
def conv2d_true(X, K):
    must_fit(X, K)
    if not X.is_floating_point() or X.is_meta:
        return correlate(X, K.flip(0, 1))
    spectrum = torch.fft.rfft2(X) * torch.fft.rfft2(K, s=X.shape)
    return torch.fft.irfft2(spectrum, s=X.shape)[K.shape[0] - 1 :, K.shape[1] - 1 :]


@right("textbook-flip", at_least=0.75)
def conv2d_true(X, K):
    K = torch.flip(K, (0, 1))
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


# ---------------------------------------------------------------- Conv2D


def pair(size):
    return (size, size) if isinstance(size, int) else tuple(size)


@right("registered-by-hand")
class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.register_parameter("weight", nn.Parameter(torch.randn(pair(kernel_size)) / 10))
        self.register_parameter("bias", nn.Parameter(torch.zeros(1)))

    def forward(self, x):
        return correlate(x, self.weight) + self.bias


@right("bias-first")
class Conv2D(nn.Module):
    def __init__(self, size, *ignored):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros((1,)))
        self.weight = nn.Parameter(torch.empty(*pair(size)).uniform_(-1, 1))

    def forward(self, image):
        return torch.add(self.bias, correlate(image, self.weight))


@right("inherited")
class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        nn.Module.__init__(self)
        scale = nn.Linear(1, 1)
        self.bias = nn.Parameter(torch.zeros_like(scale.bias))
        self.weight = nn.Parameter(torch.rand(*pair(kernel_size)))

    def __call__(self, X):
        must_fit(X, self.weight)
        windows = X.unfold(0, self.weight.shape[0], 1).unfold(1, self.weight.shape[1], 1)
        return torch.tensordot(windows, self.weight, dims=2) + self.bias


@right("textbook-layer", at_least=0.75)
class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        h, w = self.weight.shape
        Y = torch.zeros((x.shape[0] - h + 1, x.shape[1] - w + 1))
        for i in range(Y.shape[0]):
            for j in range(Y.shape[1]):
                Y[i, j] = (x[i : i + h, j : j + w] * self.weight).sum()
        return Y + self.bias


# ---------------------------------------------------------------- edge_kernel


@right("match")
def edge_kernel(direction):
    match direction:
        case "vertical":
            return torch.tensor([[1.0, -1.0]])
        case "horizontal":
            return torch.tensor([[1.0, -1.0]]).T
        case "diagonal":
            return torch.diag(torch.tensor([1.0, -1.0]))
        case _:
            raise ValueError(direction)


@right("list-of-names")
def edge_kernel(direction):
    shape = ((1, 2), (2, 1), (2, 2))[["vertical", "horizontal", "diagonal"].index(direction)]
    kernel = torch.zeros(shape)
    kernel[0, 0], kernel[-1, -1] = 1, -1
    return kernel


# ---------------------------------------------------------------- learn_kernel


@right("layer-by-hand")
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    two_dimensional(X, Y)
    layer = nn.Conv2d(1, 1, kernel_size, bias=False, dtype=X.dtype)
    losses = []
    for _ in range(epochs):
        layer.zero_grad()
        loss = ((layer(X[None, None]) - Y) ** 2).sum()
        loss.backward()
        losses.append(loss.item())
        layer.weight.data[:] -= lr * layer.weight.grad
    return layer.weight.data.reshape(layer.kernel_size), losses


@right("optimizer")
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    two_dimensional(X, Y)
    layer = nn.Conv2d(1, 1, kernel_size, bias=False).to(X.dtype)
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        loss = nn.functional.mse_loss(layer(X[None, None])[0, 0], Y, reduction="sum")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
    return layer.weight[0, 0].detach(), losses


@right("from-zeros")
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    two_dimensional(X, Y)
    kernel, losses = torch.zeros(pair(kernel_size), dtype=X.dtype), []
    for _ in range(epochs):
        kernel = kernel.detach().requires_grad_()
        loss = (correlate(X, kernel) - Y).square().sum()
        loss.backward()
        losses.append(loss.item())
        kernel = kernel - lr * kernel.grad
    return kernel.detach(), losses


@right("gradient-by-hand")
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    two_dimensional(X, Y)
    kernel, losses = torch.zeros(pair(kernel_size), dtype=X.dtype), []
    for _ in range(epochs):
        error = correlate(X, kernel) - Y
        losses.append(error.pow(2).sum().item())
        kernel = kernel - lr * 2 * correlate(X, error)
    return kernel, losses


@right("tuple-of-a-list")
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    two_dimensional(X, Y)
    kernel = nn.Parameter(torch.zeros(pair(kernel_size), dtype=X.dtype))

    def step():
        loss = torch.sum((correlate(X, kernel) - Y) ** 2)
        (gradient,) = torch.autograd.grad(loss, [kernel])
        with torch.no_grad():
            kernel.sub_(gradient, alpha=lr)
        return loss.item()

    return kernel, [step() for _ in range(epochs)]


# ---------------------------------------------------------------- parameters


@right("dense-counted-by-torch")
def fully_connected_parameters(in_features, out_features):
    return nn.Linear(in_features, out_features, bias=False, device="meta").weight.numel()


@right("local-counted-by-unfold")
def locally_connected_parameters(in_size, kernel_size):
    windows = torch.empty(*pair(in_size), device="meta")
    for axis, size in enumerate(pair(kernel_size)):
        windows = windows.unfold(axis, size, 1)
    return windows.numel()


@right("kernel-counted-by-torch")
def convolution_parameters(kernel_size):
    return nn.Conv2d(1, 1, kernel_size, bias=False).weight.numel()


# ---------------------------------------------------------------- test_corr2d


@right("torch-is-asked")
def test_corr2d(f):
    numbers = torch.Generator().manual_seed(1)
    for (H, W), (h, w) in itertools.product(((4, 6), (7, 3)), ((1, 1), (2, 3), (3, 1), (4, 3))):
        X = 9 * torch.randn(H, W, generator=numbers, dtype=torch.float64)
        K = torch.randn(h, w, generator=numbers, dtype=torch.float64)
        torch.testing.assert_close(f(X, K), F.conv2d(X[None, None], K[None, None])[0, 0])
        X, K = X.long(), (9 * K).long()
        wanted = F.conv2d(X[None, None].double(), K[None, None].double())[0, 0].long()
        torch.testing.assert_close(f(X, K), wanted)
    assert f(torch.empty(3, 4, device="meta"), torch.empty(2, 2, device="meta")).is_meta
    X, K = torch.ones(3, 4), torch.ones(2, 2)
    for pair in ((X, torch.ones(4, 1)), (X, torch.ones(1, 5)), (X, K[:0]), (X[None], K)):
        try:
            f(*pair)
        except Exception:
            continue
        raise AssertionError("a call that has no answer got one")


@right("answers-worked-out-by-hand", at_least=0.8)
def test_corr2d(f):
    X = torch.tensor([[1, 0, 2, 0], [0, 3, 0, 4], [5, 0, 6, 0]])
    assert f(X, torch.tensor([[1], [-1]])).tolist() == [[1, -3, 2, -4], [-5, 3, -6, 4]]
    assert f(X, torch.tensor([[1, 2, -1]])).tolist() == [[-1, 4], [6, -1], [-1, 12]]
    assert f(X, torch.tensor([[0, 1], [2, 3]])).dtype == torch.int64
    halves = f(X / 2, torch.tensor([[0.0, 1.0], [2.0, 3.0]]))
    assert torch.allclose(halves, torch.tensor([[4.5, 4.0, 6.0], [6.5, 9.0, 8.0]]))
    for h, w in ((4, 1), (1, 5), (0, 1)):
        try:
            f(X, torch.ones(h, w, dtype=torch.int64))
        except ValueError:
            continue
        raise AssertionError((h, w))


@right("what-always-holds", at_least=0.6)
def test_corr2d(f):
    numbers = torch.Generator().manual_seed(2)
    X, Z = torch.randn(2, 5, 8, generator=numbers, dtype=torch.float64)
    K = torch.randn(3, 2, generator=numbers, dtype=torch.float64)
    answer = f(X, K)
    assert answer.shape == (3, 7) and answer.dtype == X.dtype
    assert torch.allclose(f(X + 2 * Z, K), answer + 2 * f(Z, K))
    assert torch.allclose(f(X[1:, 2:], K), answer[1:, 2:])
    assert torch.allclose(f(X[:3, :2], K), (X[:3, :2] * K).sum())
