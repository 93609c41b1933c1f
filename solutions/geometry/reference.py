"""Trusted implementations of the geometry assignment, on torch's own operators."""

import itertools

import torch
import torch.nn.functional as F
from torch import nn

from autograder.suite import sums_of_products


def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    """The length of what torch's convolution answers; torch refuses what has no answer."""
    return F.conv1d(torch.zeros(1, 1, n), torch.zeros(1, 1, k), None, stride, padding,
                    dilation).shape[-1]


def same_padding(k, dilation=1):
    """(before, after), which together make up for what the kernel takes away."""
    if k < 1 or dilation < 1:
        raise ValueError("kernel and dilation must be positive")
    return per_side(dilation * (k - 1))


def per_side(total):
    """(before, after): two halves of a padding, the odd one after."""
    if total < 0:
        raise ValueError("padding must not be negative")
    return total // 2, total - total // 2


def pixel_uses(n, k, padding=0):
    """How many windows see each of n pixels: every window hands a one to the pixels it sees."""
    if n < 1 or k < 1 or padding < 0 or k > n + 2 * padding:
        raise ValueError("no window has a place")
    windows = torch.ones(1, 1, n + 2 * padding - k + 1)
    uses = F.conv_transpose1d(windows, torch.ones(1, 1, k), padding=padding)
    return [int(count) for count in uses.flatten()]


@sums_of_products  # the gradient of a reflection is a sum
def pad2d(X, padding, mode="zeros"):
    """X (..., H, W) -> (..., top + H + bottom, left + W + right)."""
    top, bottom, left, right = padding
    if X.dim() < 2:
        raise ValueError("X must have at least two dimensions")
    if min(padding) < 0:
        raise ValueError("padding must not be negative")
    modes = {"zeros": "constant", "reflect": "reflect"}
    return F.pad(X, (left, right, top, bottom), modes[mode])


def receptive_field(layers):
    """How many neighbouring inputs one output depends on."""
    field, step = 1, 1
    for kernel, stride, *rest in layers:
        dilation = rest[0] if rest else 1
        if min(kernel, stride, dilation) < 1:
            raise ValueError("kernel, stride and dilation must be positive")
        field += dilation * (kernel - 1) * step
        step *= stride
    return field


def layer(c_in, c_out, kernel_size, bias, groups):
    """The convolution in question, without storage. Refuses groups that do not divide."""
    return nn.Conv2d(c_in, c_out, kernel_size, bias=bias, groups=groups, device="meta")


def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    """Weights, and biases where there are any."""
    parameters = layer(c_in, c_out, kernel_size, bias, groups).parameters()
    return sum(parameter.numel() for parameter in parameters)


def macs(c_in, c_out, kernel_size, output_size, groups=1):
    """Every weight is multiplied once for every position of its window."""
    height, width = (output_size,) * 2 if isinstance(output_size, int) else output_size
    return layer(c_in, c_out, kernel_size, False, groups).weight.numel() * height * width


def flops(c_in, c_out, kernel_size, output_size, groups=1):
    """A multiplication and an addition for each MAC."""
    return 2 * macs(c_in, c_out, kernel_size, output_size, groups)


def verdicts():
    """The lines of the notes: right, wrong, or right in another convention."""
    found = dict.fromkeys("ABCDEFGHIJKLMNOPQRS", "wrong")
    return found | dict.fromkeys("FQRS", "right") | dict.fromkeys("BI", "convention")


def counterexamples():
    """Numbers on which wrong lines fail."""
    return {"A": (8, 3, 1, 2), "C": (8, 3, 2), "D": (55,), "E": (9, 5), "G": (3, 8, 5),
            "L": (8, 3), "N": (3, 4)}


def test_conv_output_size(conv_output_size):
    """Which mistakes can be found: those that it finds, on small numbers of every kind."""
    for n, k, padding, stride, dilation in itertools.product(
            (5, 8), (1, 2, 3), (0, 1, 3), (1, 2, 3), (1, 2)):
        ends = range(dilation * (k - 1), n + 2 * padding, stride)  # of windows that fit
        size = conv_output_size(n, k, padding, stride, dilation)
        assert size == len(ends), (n, k, padding, stride, dilation)
        assert not isinstance(size, float)
    assert conv_output_size(9, 4) == 6
    for impossible in ((3, 4), (4, 3, 0, 1, 2), (3, 8, 2), (8, 3, -1), (8, 3, 0, 0), (8, 3, 0, -1),
                       (8, 3, 0, 1, 0)):
        try:
            conv_output_size(*impossible)
        except ValueError:
            continue
        raise AssertionError(f"answered for {impossible}")
