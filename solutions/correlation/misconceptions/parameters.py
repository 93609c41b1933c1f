"""Counting parameters: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. ``torch``, ``F``
and ``nn`` are there; anything else an implementation needs stands in it.
"""

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def pair(size):
    return (size, size) if isinstance(size, int) else size


def sizes(in_size, kernel_size):
    """Both as pairs; a window larger than the image is refused."""
    (height, width), (kh, kw) = pair(in_size), pair(kernel_size)
    if kh > height or kw > width:
        raise ValueError("window larger than image")
    return (height, width), (kh, kw)


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
    (height, width), (kh, kw) = sizes(in_size, kernel_size)
    return height * width * kh * kw


@wrong(
    "locally-connected-shares-weights",
    "One window for all positions: that is convolution. A locally connected layer shares nothing.",
)
def locally_connected_parameters(in_size, kernel_size):
    _, (kh, kw) = sizes(in_size, kernel_size)
    return kh * kw


@wrong(
    "positions-one-too-few",
    "One position is missing in each direction: H − kh + 1, not H − kh.",
)
def locally_connected_parameters(in_size, kernel_size):
    (height, width), (kh, kw) = sizes(in_size, kernel_size)
    return (height - kh) * (width - kw) * kh * kw


@wrong(
    "square-kernel-counted",
    "The kernel is taken as a square of its height. Multiply height and width.",
)
def convolution_parameters(kernel_size):
    return pair(kernel_size)[0] ** 2


@wrong(
    "int-not-squared",
    "A kernel size of one number is taken as its number of weights. It means a square: a side of k "
    "pixels has k² weights.",
)
def convolution_parameters(kernel_size):
    if isinstance(kernel_size, int):
        return kernel_size
    return kernel_size[0] * kernel_size[1]


@wrong(
    "window-of-any-size",
    "A window larger than the image gets a number of weights. It has no place: raise a ValueError.",
)
def locally_connected_parameters(in_size, kernel_size):
    (height, width), (kh, kw) = pair(in_size), pair(kernel_size)
    return max(height - kh + 1, 0) * max(width - kw + 1, 0) * kh * kw


@wrong(
    "weights-are-floats",
    "The number of weights is a float. Count with whole numbers: prod, * and //, not /.",
)
def convolution_parameters(kernel_size):
    kh, kw = pair(kernel_size)
    return kh * kw / 1
