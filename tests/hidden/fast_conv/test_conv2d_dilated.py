"""conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1): neighbouring weights meet
pixels that are ``dilation`` apart; dilation 1 is the plain convolution."""

import pytest
import torch

pytestmark = pytest.mark.question("conv2d_dilated")


@pytest.mark.visibility("visible")
def test_worked_example(check):
    """The image 0, 1, …, 24 and a 2×2 kernel whose weights are two pixels apart."""
    check.conv2d_dilated(torch.arange(25.0).reshape(1, 1, 5, 5),
                         torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]]), dilation=2)


@pytest.mark.weight(2)
def test_dilation_one_is_dense(check, draw):
    """Dilation 1, given or by default: an ordinary convolution, with strides, padding and bias."""
    check.conv2d_dilated(draw.normal(2, 3, 7, 10), draw.normal(4, 3, 3, 2), draw.normal(4),
                         stride=(2, 3), padding=(1, 0))
    check.conv2d_dilated(draw.normal(2, 2, 6, 5), draw.normal(5, 2, 2, 4), dilation=1)


@pytest.mark.weight(3)
@pytest.mark.proves("ints or pairs")
def test_gaps(check, draw):
    """Several images and channels; each axis has its own dilation."""
    check.conv2d_dilated(draw.normal(2, 3, 9, 10), draw.normal(4, 3, 3, 2), dilation=2)
    check.conv2d_dilated(draw.normal(2, 2, 6, 11), draw.normal(3, 2, 2, 4), dilation=(2, 3))
    check.conv2d_dilated(draw.normal(2, 2, 8, 5), draw.normal(5, 2, 3, 2), dilation=(3, 1))
    c = draw.number(2, 4)
    check.conv2d_dilated(draw.normal(draw.number(2, 4), c, draw.number(5, 8), draw.number(9, 12)),
                         draw.normal(draw.number(5, 7), c, 2, 3), dilation=(draw.number(2, 3), 4))


@pytest.mark.weight(2)
@pytest.mark.proves("ints or pairs")
def test_gaps_with_strides_and_padding(check, draw):
    """Stride, dilation, padding and bias together."""
    check.conv2d_dilated(draw.normal(2, 3, 8, 11), draw.normal(4, 3, 3, 2), draw.normal(4),
                         stride=(2, 3), padding=(1, 2), dilation=(2, 3))
    check.conv2d_dilated(draw.normal(2, 2, 9, 6), draw.normal(4, 2, 2, 3), draw.normal(4),
                         stride=2, padding=(0, 1), dilation=(4, 2))


def test_window_as_large_as_the_image(check, draw):
    """A dilated kernel exactly as large as the image: one output."""
    check.conv2d_dilated(draw.normal(2, 3, 7, 4), draw.normal(4, 3, 3, 2), dilation=3)


@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function, for image, kernels and bias."""
    check.conv2d_dilated.gradients(draw.normal(2, 2, 6, 7), draw.normal(3, 2, 3, 2), draw.normal(3),
                                   stride=(2, 1), padding=(1, 0), dilation=(2, 3))


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Transposed, channels-last and sliced inputs, two calls in a row; inputs stay unchanged."""
    X, W = draw.normal(2, 3, 7, 6).transpose(2, 3), draw.normal(4, 3, 2, 3).transpose(2, 3)
    check.conv2d_dilated(X, W, dilation=2)
    check.conv2d_dilated(draw.normal(2, 3, 5, 6).to(memory_format=torch.channels_last),
                         draw.normal(5, 4, 4, 4)[1:3, :3, 1:3, 2:], draw.normal(4)[1:3], dilation=2)
    two = [(draw.view(2, 3, 6, 7), draw.view(4, 3, 3, 2), draw.view(4), 1, 0, 2) for _ in range(2)]
    check.conv2d_dilated.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    check.conv2d_dilated(draw.normal(2, 2, 6, 7, dtype=torch.float64),
                         draw.normal(3, 2, 3, 2, dtype=torch.float64), dilation=2)


@pytest.mark.weight(0.5)
@pytest.mark.proves("whole numbers")
def test_whole_numbers(check, draw):
    """int64 in, int64 out, and exact."""
    check.conv2d_dilated(draw.integers(2, 2, 6, 7), draw.integers(3, 2, 3, 2), draw.integers(3),
                         dilation=2)
    check.conv2d_dilated(draw.integers(2, 2, 6, 7), draw.integers(3, 2, 3, 2), dilation=2)


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    c = draw.number(5, 20)
    check.conv2d_dilated.on_meta(draw.normal(2, c, 6, 7), draw.normal(3, c, 3, 2), draw.normal(3),
                                 dilation=2)


@pytest.mark.weight(0.5)
@pytest.mark.proves("empty batch")
def test_empty_batch(check, draw):
    """An empty batch gives an answer of shape (0, C_out, H', W')."""
    check.conv2d_dilated(draw.normal(0, 2, 6, 7), draw.normal(3, 2, 3, 2), draw.normal(3),
                         dilation=2)


@pytest.mark.weight(0.5)
@pytest.mark.proves("once it is spread")
def test_oversized_kernel_is_refused(student, refuses, draw):
    """A kernel that is too large once it is dilated raises an error."""
    X, W = draw.normal(1, 2, 6, 7), draw.normal(4, 2, 3, 2)
    student.conv2d_dilated(X, W, dilation=2)
    refuses.conv2d_dilated(X, W, dilation=3)
    refuses.conv2d_dilated(X, W, dilation=(1, 7))


@pytest.mark.weight(0.25)
@pytest.mark.proves("a dilation below 1")
def test_dilation_below_one_is_refused(student, refuses, draw):
    """A dilation of 0 raises an error; 1 is the ordinary kernel."""
    X, W = draw.normal(1, 3, 5, 5), draw.normal(4, 3, 2, 2)
    student.conv2d_dilated(X, W, dilation=2)
    refuses.conv2d_dilated(X, W, dilation=0)


@pytest.mark.weight(0.25)
@pytest.mark.proves("different numbers of channels")
def test_mismatched_channels_are_refused(student, refuses, draw):
    """Images and kernels with different numbers of channels raise an error."""
    X, W = draw.normal(1, 3, 5, 5), draw.normal(4, 3, 2, 2)
    student.conv2d_dilated(X, W, dilation=2)
    refuses.conv2d_dilated(X, draw.normal(4, 2, 2, 2))
    refuses.conv2d_dilated(draw.normal(1, 1, 5, 5), W)
