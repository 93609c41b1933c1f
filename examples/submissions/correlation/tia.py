import torch
from torch import nn

import torch
from torch import nn


def as_pair(size):
    """(height, width) of a size that may be one int, meaning a square, or already a pair."""
    return (size, size) if isinstance(size, int) else tuple(size)


def show(pictures):
    """Draw small images side by side. pictures: title -> tensor of shape (H, W)."""
    axes = plt.subplots(1, len(pictures), figsize=(3 * len(pictures), 3))[1]
    for axis, (title, picture) in zip(axes, pictures.items(), strict=True):
        axis.imshow(picture.detach(), cmap="gray")
        axis.set_title(title)
        axis.axis("off")
    plt.show()


def corr2d(X, K):
    """Two-dimensional cross-correlation of one image with one kernel.

        Y[i, j] = sum over a and b of X[i + a, j + b] * K[a, b]

    Arguments:
        X: image, tensor of shape (H, W).
        K: kernel, tensor of shape (kh, kw), with X's dtype and on X's device.
    Returns:
        Tensor of shape (H - kh + 1, W - kw + 1).

    Also graded:
        * The answer follows X in dtype and device: int64 stays int64 (and exact), float64 stays
          float64, "meta" stays "meta".
        * X and K are unchanged.
        * Differentiable with respect to X and K.
        * X and K need not be contiguous in memory: a transposed view or a slice is as good.
        * Refused: a kernel taller or wider than X; an X or K without any element; an X or K
          that is not two-dimensional. Raise ValueError or RuntimeError (TypeError, IndexError,
          KeyError and AssertionError count; NotImplementedError, NameError and AttributeError
          do not).

    Not allowed: torch's convolution operators (nn.Conv2d, F.conv2d and the like, by any name).
    """
    if X.dim() != 2 or K.dim() != 2:
        raise ValueError(f"need two 2-D tensors, got {X.dim()}-D and {K.dim()}-D")
    kh, kw = K.shape
    height, width = X.shape[0] - kh + 1, X.shape[1] - kw + 1
    if K.numel() == 0 or height < 1 or width < 1:
        raise ValueError(f"a {kh}×{kw} kernel has no place in a {X.shape[0]}×{X.shape[1]} image")
    Y = X.new_zeros(height, width)
    for a in range(kh):
        for b in range(kw):
            # The weight K[a, b] meets this rectangle of X, one pixel for every place.
            Y = Y + K[a, b] * X[a:a + height, b:b + width]
    return Y


def conv2d_true(X, K):
    """Two-dimensional convolution as mathematics defines it, where K lies wholly inside X.

        Y[i, j] = sum over a and b of X[i + a, j + b] * K[kh - 1 - a, kw - 1 - b]

    Arguments:
        X: image, tensor of shape (H, W).
        K: kernel, tensor of shape (kh, kw), with X's dtype and on X's device. You turn it by
            180°; the caller does not.
    Returns:
        Tensor of shape (H - kh + 1, W - kw + 1).

    Also graded:
        * On images padded with enough zeros the two arguments can trade places, f * g = g * f,
          as shown below. This follows from the formula.
        * Everything listed for corr2d: dtype and device follow X, X and K are unchanged and need
          not be contiguous, differentiable with respect to both, and the same arguments refused
          in the same way.

    Not allowed: torch's convolution operators. Calling your own corr2d is welcome.
    """
    return corr2d(X, K.flip(0, 1))


class Conv2D(nn.Module):
    """A layer that answers corr2d(X, weight) + bias.

    Conv2D(kernel_size): kernel_size is an int, meaning a square kernel, or a pair (kh, kw).

    Parameters, registered under these names and found in state_dict() under them:
        weight: shape (kh, kw), random at the start (torch.rand is fine), float32.
        bias: shape (1,), zero at the start, float32.

    forward(X): image of shape (H, W) → tensor of shape (H - kh + 1, W - kw + 1).

    Also graded:
        * The answer follows X in dtype and device, when the layer has been moved there as usual
          (layer.double(), layer.to("meta")); X is unchanged.
        * Differentiable with respect to X, weight and bias, so that an optimiser can train it.
        * The answer depends on the layer's own parameters and X only. A state_dict loaded into
          another layer makes that one answer the same.
        * Refused, as in corr2d: a weight taller or wider than X; an X that is not
          two-dimensional.

    Not allowed: torch's convolution operators. Calling your own corr2d is welcome.
    """

    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(as_pair(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X):
        return corr2d(X, self.weight) + self.bias


def edge_kernel(direction):
    """The smallest kernel that finds edges of one direction.

    corr2d(X, edge_kernel(direction)) is 0 wherever the compared pixels are equal, 1 where a 1
    turns into a 0 along the reading direction, and -1 where a 0 turns into a 1.

    Arguments:
        direction: "vertical" (reading left to right), "horizontal" (reading top to bottom) or
            "diagonal" (reading from a pixel to the one below and to the right of it).
    Returns:
        float32 tensor of shape (1, 2), (2, 1) or (2, 2), respectively.

    Also graded:
        * The diagonal kernel compares X[i, j] with X[i + 1, j + 1] and nothing else.
        * A constant image is answered by zeros, for every direction.
        * Refused: any other direction. Raise ValueError or KeyError (RuntimeError, TypeError,
          IndexError and AssertionError count; NotImplementedError, NameError and AttributeError
          do not).
    """
    kernels = {
        "vertical": [[1, -1]],
        "horizontal": [[1], [-1]],
        "diagonal": [[1, 0], [0, -1]],
    }
    if direction not in kernels:
        raise ValueError(f"direction must be one of {', '.join(kernels)}, not {direction!r}")
    return torch.tensor(kernels[direction], dtype=torch.float32)


def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    """Learn the kernel that turns X into Y, by plain gradient descent on the summed squared loss.

    Every epoch: predict with the current kernel, without a bias; note the loss, which is the sum
    over all pixels of (prediction - Y) ** 2; subtract lr times the gradient of that loss.
    No momentum, no mean, no schedule, all of X in every step.

    Arguments:
        X: image, floating-point tensor of shape (H, W).
        Y: wanted answer, tensor of shape (H - kh + 1, W - kw + 1), with X's dtype.
        kernel_size: an int, meaning a square kernel, or a pair (kh, kw).
        lr: learning rate.
        epochs: number of steps.
    Returns:
        (kernel, losses): the kernel after the last step, a tensor of shape (kh, kw) with X's
        dtype (it may still require gradients or not); and a list of floats, the loss of every
        epoch, taken before its step.

    Also graded:
        * Start from zeros or from the default initialisation of nn.Conv2d(1, 1, kernel_size):
          nothing larger, and nothing that knows the answer.
        * Any image, kernel size, target, lr and epochs, not only the edges. On the edge task,
          lr=3e-2 and 10 epochs leave each weight within 0.1 of [[1, -1]].
        * X and Y are unchanged, and so is the next call: two calls do not share anything.
        * Refused: a kernel taller or wider than X; an X or Y that is not two-dimensional. Raise
          ValueError or RuntimeError (TypeError, IndexError, KeyError and AssertionError count;
          NotImplementedError, NameError and AttributeError do not).

    Allowed: everything, nn.Conv2d and torch.optim.SGD included.
    """
    if X.dim() != 2 or Y.dim() != 2:
        raise ValueError(f"X and Y must be 2-D, not {X.dim()}-D and {Y.dim()}-D")
    layer = nn.Conv2d(1, 1, as_pair(kernel_size), bias=False, dtype=X.dtype, device=X.device)
    losses = []
    for _ in range(epochs):
        prediction = layer(X[None, None])[0, 0]
        loss = ((prediction - Y) ** 2).sum()
        losses.append(loss.item())
        layer.zero_grad()
        loss.backward()
        with torch.no_grad():
            layer.weight -= lr * layer.weight.grad
    return layer.weight.detach()[0, 0], losses


def fully_connected_parameters(in_features, out_features):
    """Weights of a fully connected layer without bias.

    Arguments:
        in_features, out_features: numbers of inputs and outputs, ints.
    Returns:
        int (not a float, and not a tensor).
    """
    return in_features * out_features


def locally_connected_parameters(in_size, kernel_size):
    """Weights of a layer in which every place of the window has a kernel of its own.

    One channel in, one out, stride 1, no padding, no bias.

    Arguments:
        in_size: (height, width) of the image, or an int for a square.
        kernel_size: (height, width) of the window, or an int for a square.
    Returns:
        int (not a float, and not a tensor).

    Also graded:
        * Refused: a window taller or wider than the image. Raise ValueError (RuntimeError,
          TypeError, IndexError, KeyError and AssertionError count; NotImplementedError,
          NameError and AttributeError do not).
    """
    (height, width), (kh, kw) = as_pair(in_size), as_pair(kernel_size)
    if kh > height or kw > width:
        raise ValueError(f"a {kh}×{kw} window has no place in a {height}×{width} image")
    return (height - kh + 1) * (width - kw + 1) * kh * kw


def convolution_parameters(kernel_size):
    """Weights of a convolution with one channel in and one out, without bias.

    Arguments:
        kernel_size: (height, width) of the kernel, or an int for a square.
    Returns:
        int (not a float, and not a tensor).
    """
    kh, kw = as_pair(kernel_size)
    return kh * kw
