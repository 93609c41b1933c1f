"""conv2d_transposed(X, W, b=None, stride=1, padding=0): X (N, C_in, H, W),
W (C_in, C_out, kh, kw) -> (N, C_out, (H-1)·s - 2p + kh, …): each pixel stamps the kernel onto the
answer."""

import math

import pytest
import torch
import torch.nn.functional as F

pytestmark = pytest.mark.question("conv2d_transposed")


def inner(expect, x, image, where):
    """⟨x, image⟩, once the student's image is known to hold numbers and to have x's shape."""
    expect.near(image, torch.zeros_like(x), math.inf, where)
    return (x * image).sum()


@pytest.mark.visibility("visible")
def test_worked_example(check):
    """A 2×2 image and a 2×2 kernel give a 3×3 answer: four stamps that overlap."""
    check.conv2d_transposed(torch.arange(4.0).reshape(1, 1, 2, 2),
                            torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]]))


@pytest.mark.weight(2)
def test_channels(check, draw):
    """Several images and channels; the weights are (C_in, C_out, kh, kw)."""
    check.conv2d_transposed(draw.normal(2, 3, 4, 6), draw.normal(3, 4, 3, 2))
    check.conv2d_transposed(draw.normal(3, 4, 5, 3), draw.normal(4, 2, 1, 4))
    c = draw.number(2, 4)
    X = draw.normal(draw.number(2, 4), c, draw.number(5, 8), draw.number(9, 12))
    check.conv2d_transposed(X, draw.normal(c, draw.number(5, 7), draw.number(2, 3), 4))


@pytest.mark.weight(3)
@pytest.mark.proves("ints or pairs")
def test_strides(check, draw):
    """Stamps are a stride apart: they overlap, touch, or leave zeros between them."""
    check.conv2d_transposed(draw.normal(2, 3, 4, 5), draw.normal(3, 4, 3, 2), stride=2)
    check.conv2d_transposed(draw.normal(2, 2, 3, 4), draw.normal(2, 3, 2, 4), stride=(3, 1))


@pytest.mark.weight(2)
@pytest.mark.proves("ints or pairs")
def test_padding_crops(check, draw):
    """Padding removes rows and columns from the border of the answer, different for each axis."""
    check.conv2d_transposed(draw.normal(2, 3, 4, 5), draw.normal(3, 4, 3, 3), padding=1)
    check.conv2d_transposed(draw.normal(2, 3, 5, 4), draw.normal(3, 2, 4, 3), stride=(2, 3),
                            padding=(2, 0))
    check.conv2d_transposed(draw.normal(2, 2, 3, 6), draw.normal(2, 3, 2, 4), stride=(2, 1),
                            padding=(0, 1))


def test_bias(check, draw):
    """The bias adds one number to each output channel, at every pixel of the answer."""
    check.conv2d_transposed(draw.normal(2, 3, 4, 3), draw.normal(3, 4, 2, 2), draw.normal(4),
                            stride=3)
    check.conv2d_transposed(draw.normal(2, 2, 4, 5), draw.normal(2, 4, 3, 2), draw.normal(4),
                            padding=1)


@pytest.mark.weight(2)
@pytest.mark.proves("it is the adjoint")
def test_adjoint_of_conv2d(student, expect, draw):
    """⟨conv2d(x, W), y⟩ = ⟨x, conv2d_transposed(y, W)⟩: it is the transpose of conv2d."""
    W = draw.normal(4, 3, 3, 2, dtype=torch.float64)
    x = draw.normal(2, 3, 7, 8, dtype=torch.float64)
    forward = F.conv2d(x, W, stride=(2, 3), padding=(1, 0))
    y = draw.normal(*forward.shape, dtype=torch.float64)
    image = student.conv2d_transposed(y, W, stride=(2, 3), padding=(1, 0))
    expect.near(inner(expect, x, image, "conv2d_transposed(y, W)"), (forward * y).sum(),
                1e-5 * float(forward.norm() * y.norm()), "⟨x, conv2d_transposed(y, W)⟩")


@pytest.mark.weight(2)
@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function, for image, kernels and bias."""
    check.conv2d_transposed.gradients(draw.normal(2, 2, 4, 5), draw.normal(2, 3, 3, 2),
                                      draw.normal(3), stride=(2, 1), padding=(1, 0))


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Transposed, channels-last and sliced inputs, two calls in a row; inputs stay unchanged."""
    X, W = draw.normal(2, 3, 4, 5).transpose(2, 3), draw.normal(3, 4, 2, 3).transpose(2, 3)
    check.conv2d_transposed(X, W)
    check.conv2d_transposed(draw.normal(2, 3, 4, 5).to(memory_format=torch.channels_last),
                            draw.normal(5, 4, 4, 4)[1:4, :2, 1:3, 2:], draw.normal(4)[1:3],
                            stride=2)
    two = [(draw.view(2, 3, 4, 5), draw.view(3, 4, 3, 2), draw.view(4)) for _ in range(2)]
    check.conv2d_transposed.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    check.conv2d_transposed(draw.normal(2, 2, 4, 5, dtype=torch.float64),
                            draw.normal(2, 3, 3, 2, dtype=torch.float64), stride=2, padding=1)


@pytest.mark.weight(0.5)
@pytest.mark.proves("whole numbers")
def test_whole_numbers(check, draw):
    """int64 in, int64 out, and exact."""
    check.conv2d_transposed(draw.integers(2, 2, 4, 5), draw.integers(2, 3, 3, 2), draw.integers(3),
                            stride=2, padding=1)
    check.conv2d_transposed(draw.integers(2, 2, 4, 5), draw.integers(2, 3, 3, 2), stride=2)


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    c = draw.number(5, 20)
    check.conv2d_transposed.on_meta(draw.normal(2, c, 4, 5), draw.normal(c, 3, 3, 2),
                                    draw.normal(3), stride=2, padding=1)


@pytest.mark.weight(0.5)
@pytest.mark.proves("empty batch")
def test_empty_batch(check, draw):
    """An empty batch gives an answer of shape (0, C_out, H', W')."""
    check.conv2d_transposed(draw.normal(0, 2, 4, 5), draw.normal(2, 3, 3, 2), draw.normal(3),
                            stride=2, padding=1)


@pytest.mark.weight(0.5)
@pytest.mark.proves("leaves no row")
def test_padding_that_crops_everything_is_refused(student, refuses, draw):
    """A padding that leaves no row or no column of the answer raises an error."""
    X, W = draw.normal(1, 2, 2, 3), draw.normal(2, 3, 2, 2)
    student.conv2d_transposed(X, W, padding=1)
    refuses.conv2d_transposed(X, W, padding=2)
    refuses.conv2d_transposed(X, W, padding=(0, 2))


@pytest.mark.weight(0.25)
@pytest.mark.proves("different numbers of input channels")
def test_mismatched_channels_are_refused(student, refuses, draw):
    """Images and kernels with different numbers of input channels raise an error."""
    X = draw.normal(1, 3, 3, 4)
    student.conv2d_transposed(X, draw.normal(3, 2, 2, 2))
    refuses.conv2d_transposed(X, draw.normal(2, 3, 2, 2))
    refuses.conv2d_transposed(X, draw.normal(1, 2, 2, 2))


@pytest.mark.weight(0.25)
@pytest.mark.proves("a negative padding")
def test_negative_padding_is_refused(student, refuses, draw):
    """A negative padding raises an error."""
    X, W = draw.normal(1, 3, 3, 4), draw.normal(3, 2, 2, 2)
    student.conv2d_transposed(X, W, padding=1)
    refuses.conv2d_transposed(X, W, padding=-1)
