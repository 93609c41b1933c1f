"""corr2d_multi_in_out_1x1(X, K): kernels of one pixel, as one matrix product,
X (C, H, W), K (C_out, C, 1, 1) -> (C_out, H, W)."""

import pytest
import torch

pytestmark = pytest.mark.question("corr2d_multi_in_out_1x1")


@pytest.mark.visibility("visible")
@pytest.mark.weight(2)
def test_small_example(check):
    """A 2×3 image of two channels, mixed into three: sum, difference, and twice the second."""
    X = torch.arange(12.0).reshape(2, 2, 3)
    K = torch.tensor([[1.0, 1.0], [-1.0, 1.0], [0.0, 2.0]])
    check.corr2d_multi_in_out_1x1(X, K[:, :, None, None])


@pytest.mark.weight(5)
def test_rectangular_images(check, draw):
    """Heights, widths and numbers of input and output channels: all different."""
    check.corr2d_multi_in_out_1x1(draw.normal(3, 7, 10), draw.normal(4, 3, 1, 1))
    check.corr2d_multi_in_out_1x1(draw.normal(5, 6, 4), draw.normal(2, 5, 1, 1))
    c = draw.number(5, 7)
    check.corr2d_multi_in_out_1x1(draw.normal(c, draw.number(8, 9), draw.number(10, 12)),
                                  draw.normal(draw.number(2, 4), c, 1, 1))


@pytest.mark.weight(2)
@pytest.mark.proves("any numbers of input")
def test_as_many_outputs_as_inputs(check, draw):
    """As many output channels as input channels: weights are not transposed."""
    check.corr2d_multi_in_out_1x1(draw.normal(4, 5, 3), draw.normal(4, 4, 1, 1))


@pytest.mark.weight(2)
@pytest.mark.proves("any numbers of input")
def test_single_channels(check, draw):
    """One output channel, one input channel, or both: the answer still has three axes."""
    check.corr2d_multi_in_out_1x1(draw.normal(3, 5, 6), draw.normal(1, 3, 1, 1))
    check.corr2d_multi_in_out_1x1(draw.normal(1, 5, 6), draw.normal(4, 1, 1, 1))
    check.corr2d_multi_in_out_1x1(draw.normal(1, 5, 6), draw.normal(1, 1, 1, 1))


@pytest.mark.proves("images of any size")
def test_tiny_images(check, draw):
    """Images of one row, of one column, and of a single pixel."""
    for size in ((1, 6), (5, 1), (1, 1)):
        check.corr2d_multi_in_out_1x1(draw.normal(3, *size), draw.normal(2, 3, 1, 1))


@pytest.mark.weight(0.5)
@pytest.mark.proves("no Python loop")
def test_no_python_loops(check, draw):
    """No Python loop: larger images and more channels take no more steps of Python."""
    check.corr2d_multi_in_out_1x1.without_pixel_loops(
        (draw.normal(2, 2, 3), draw.normal(2, 2, 1, 1)),
        (draw.normal(56, 60, 58), draw.normal(64, 56, 1, 1)),
    )


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_whole_numbers(check, draw):
    """Integer tensors give exact answers, however large the numbers."""
    check.corr2d_multi_in_out_1x1(draw.integers(3, 4, 5, low=-9999, high=9999),
                                  draw.integers(2, 3, 1, 1, low=-9999, high=9999))


@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function, for the image and for the kernels."""
    check.corr2d_multi_in_out_1x1.gradients(
        draw.normal(3, 4, 5, dtype=torch.float64), draw.normal(2, 3, 1, 1, dtype=torch.float64)
    )


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Permuted and sliced inputs, two calls in a row; the inputs stay unchanged."""
    check.corr2d_multi_in_out_1x1(draw.normal(9, 7, 3).permute(2, 1, 0),
                                  draw.normal(3, 4, 1, 1).transpose(0, 1))
    check.corr2d_multi_in_out_1x1(draw.normal(4, 9, 8)[1:, 2:7, ::2], draw.normal(4, 3, 1, 1))
    two = [(draw.view(3, 7, 9), draw.view(4, 3, 1, 1)) for _ in range(2)]
    check.corr2d_multi_in_out_1x1.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    check.corr2d_multi_in_out_1x1(
        draw.normal(3, 5, 7, dtype=torch.float64), draw.normal(2, 3, 1, 1, dtype=torch.float64)
    )


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    c = draw.number(5, 20)
    check.corr2d_multi_in_out_1x1.on_meta(draw.normal(c, 5, 7), draw.normal(4, c, 1, 1))


@pytest.mark.weight(0.5)
@pytest.mark.proves("another number of input channels")
def test_different_numbers_of_channels_are_refused(student, refuses, draw):
    """Kernels for another number of input channels than the image has raise an error."""
    student.corr2d_multi_in_out_1x1(draw.normal(3, 4, 5), draw.normal(4, 3, 1, 1))
    refuses.corr2d_multi_in_out_1x1(draw.normal(2, 4, 5), draw.normal(4, 3, 1, 1))
    refuses.corr2d_multi_in_out_1x1(draw.normal(6, 4, 5), draw.normal(4, 3, 1, 1))


@pytest.mark.weight(0.5)
@pytest.mark.proves("another number of input channels")
def test_one_channel_is_not_stretched(student, refuses, draw):
    """A single channel is not repeated to match several: that raises an error."""
    student.corr2d_multi_in_out_1x1(draw.normal(3, 4, 5), draw.normal(4, 3, 1, 1))
    refuses.corr2d_multi_in_out_1x1(draw.normal(3, 4, 5), draw.normal(4, 1, 1, 1))
    refuses.corr2d_multi_in_out_1x1(draw.normal(1, 4, 5), draw.normal(4, 3, 1, 1))


@pytest.mark.weight(0.5)
@pytest.mark.proves("any other size than 1×1", "not three-dimensional")
def test_larger_kernels_are_refused(student, refuses, draw):
    """Kernels of more than one pixel, or a missing axis, raise an error."""
    student.corr2d_multi_in_out_1x1(draw.normal(2, 4, 5), draw.normal(3, 2, 1, 1))
    refuses.corr2d_multi_in_out_1x1(draw.normal(2, 4, 5), draw.normal(3, 2, 3, 3))
    refuses.corr2d_multi_in_out_1x1(draw.normal(2, 4, 5), draw.normal(3, 2, 1, 2))
    refuses.corr2d_multi_in_out_1x1(draw.normal(2, 4, 5), draw.normal(3, 2, 2, 1))
    refuses.corr2d_multi_in_out_1x1(draw.normal(4, 5), draw.normal(3, 2, 1, 1))
