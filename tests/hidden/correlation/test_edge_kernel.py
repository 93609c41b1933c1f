"""edge_kernel(direction): the kernel with which corr2d finds edges of that direction.

There are three words to ask, and their answers are the whole solution. So these checks draw nothing
and stay hidden: whoever fails one reads its title, and no more.
"""

import pytest
import torch
import torch.nn.functional as F

pytestmark = pytest.mark.question("edge_kernel")


def responses(kernel, X):
    """What correlating X with the kernel gives: (H-kh+1, W-kw+1)."""
    return F.conv2d(X[None, None], kernel[None, None].to(X.dtype))[0, 0]


@pytest.mark.visibility("visible")
@pytest.mark.weight(2)
def test_vertical_edges_of_the_textbook_image(student, expect):
    """A 6×8 image of ones with columns 2 to 5 zero: 1 at the falling edge, −1 at the rising."""
    X = torch.ones(6, 8)
    X[:, 2:6] = 0
    expected = torch.zeros(6, 7)
    expected[:, 1], expected[:, 5] = 1, -1
    kernel = expect.tensor(student.edge_kernel("vertical"), (1, 2), "kernel")
    expect.equal(responses(kernel, X), expected, "response")


@pytest.mark.weight(2)
def test_horizontal_edges(student, expect):
    """The transposed image: rows instead of columns."""
    X = torch.ones(8, 5)
    X[2:6] = 0
    expected = torch.zeros(7, 5)
    expected[1], expected[5] = 1, -1
    kernel = expect.tensor(student.edge_kernel("horizontal"), (2, 1), "kernel")
    expect.equal(responses(kernel, X), expected, "response")


@pytest.mark.weight(2)
@pytest.mark.proves("nothing else")
def test_diagonal_edges(student, expect):
    """An image that turns from 1 to 0 along the diagonal."""
    X = torch.ones(6, 6).triu(1).flip(0)
    kernel = expect.tensor(student.edge_kernel("diagonal"), (2, 2), "kernel")
    expect.equal(responses(kernel, X), X[:-1, :-1] - X[1:, 1:], "response")


@pytest.mark.proves("a constant image")
def test_constant_images_give_nothing(student, expect):
    """A constant image has no edges: the answer is zero, in every direction."""
    for direction, shape in (("vertical", (1, 2)), ("horizontal", (2, 1)), ("diagonal", (2, 2))):
        kernel = expect.tensor(student.edge_kernel(direction), shape, direction)
        answer = responses(kernel, torch.full((5, 6), 3.0))
        expect.equal(answer, torch.zeros_like(answer), direction)


def test_kernels_are_float32(check):
    """The three kernels, as float32 tensors."""
    check.edge_kernel("vertical")
    check.edge_kernel("horizontal")
    check.edge_kernel("diagonal")


@pytest.mark.proves("any other direction")
def test_unknown_direction_is_refused(student, refuses, draw):
    """A direction that does not exist raises an error."""
    student.edge_kernel("vertical")
    letters = draw.integers(8, low=ord("a"), high=ord("z")).tolist()
    refuses.edge_kernel("".join(map(chr, letters)))
