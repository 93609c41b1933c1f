"""corr2d_multi_in_out(X, K): one map for each output channel,
X (C, H, W), K (C_out, C, kh, kw) -> (C_out, H-kh+1, W-kw+1)."""

import pytest
import torch

pytestmark = pytest.mark.question("corr2d_multi_in_out")


@pytest.mark.visibility("visible")
@pytest.mark.weight(2)
def test_textbook_example(check):
    """The textbook's example: the kernels K, K + 1 and K + 2, and so three output channels."""
    X, K = torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2)
    K = torch.stack([K, K + 1])
    check.corr2d_multi_in_out(torch.stack([X, X + 1]), torch.stack([K, K + 1, K + 2]))


@pytest.mark.weight(5)
@pytest.mark.proves("more, fewer")
def test_more_and_fewer_outputs_than_inputs(check, draw):
    """Numbers of input and output channels, heights and widths: all different."""
    check.corr2d_multi_in_out(draw.normal(3, 7, 10), draw.normal(4, 3, 3, 2))
    check.corr2d_multi_in_out(draw.normal(5, 9, 6), draw.normal(2, 5, 2, 4))
    c = draw.number(5, 7)
    check.corr2d_multi_in_out(draw.normal(c, draw.number(4, 8), draw.number(9, 12)),
                              draw.normal(draw.number(2, 4), c, draw.number(2, 3), 4))


@pytest.mark.weight(2)
@pytest.mark.proves("equal")
def test_as_many_outputs_as_inputs(check, draw):
    """Every output channel uses every input channel, also when their numbers are equal."""
    check.corr2d_multi_in_out(draw.normal(3, 5, 6), draw.normal(3, 3, 2, 3))


@pytest.mark.weight(2)
@pytest.mark.proves("more, fewer")
def test_single_channels(check, draw):
    """One output channel, one input channel, or both: the answer still has three axes."""
    check.corr2d_multi_in_out(draw.normal(3, 5, 6), draw.normal(1, 3, 2, 3))
    check.corr2d_multi_in_out(draw.normal(1, 5, 6), draw.normal(4, 1, 3, 2))
    check.corr2d_multi_in_out(draw.normal(1, 5, 6), draw.normal(1, 1, 2, 2))


def test_extreme_kernels(check, draw):
    """Kernels of one pixel, of one row or column, and as large as the image."""
    for size in ((1, 1), (1, 4), (3, 1), (5, 6)):
        check.corr2d_multi_in_out(draw.normal(2, 5, 6), draw.normal(3, 2, *size))


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_whole_numbers(check, draw):
    """Integer tensors give exact answers, however large the numbers."""
    check.corr2d_multi_in_out(draw.integers(2, 6, 5, low=-9999, high=9999),
                              draw.integers(3, 2, 2, 3, low=-9999, high=9999))


@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function, for the image and for the kernels."""
    check.corr2d_multi_in_out.gradients(
        draw.normal(3, 5, 6, dtype=torch.float64), draw.normal(2, 3, 2, 3, dtype=torch.float64)
    )


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Permuted and sliced inputs, two calls in a row; the inputs stay unchanged."""
    check.corr2d_multi_in_out(draw.normal(9, 7, 3).permute(2, 1, 0),
                              draw.normal(5, 3, 2, 6)[1:5, :, :, ::2])
    two = [(draw.view(3, 7, 9), draw.view(4, 3, 2, 3)) for _ in range(2)]
    check.corr2d_multi_in_out.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    check.corr2d_multi_in_out(
        draw.normal(3, 5, 7, dtype=torch.float64), draw.normal(2, 3, 3, 2, dtype=torch.float64)
    )


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    c = draw.number(5, 20)
    check.corr2d_multi_in_out.on_meta(draw.normal(c, 5, 7), draw.normal(4, c, 3, 2))


@pytest.mark.weight(0.5)
@pytest.mark.proves("another number of input channels")
def test_different_numbers_of_channels_are_refused(student, refuses, draw):
    """Kernels for another number of input channels than the image has raise an error."""
    student.corr2d_multi_in_out(draw.normal(3, 5, 6), draw.normal(4, 3, 2, 3))
    refuses.corr2d_multi_in_out(draw.normal(3, 5, 6), draw.normal(4, 2, 2, 3))
    refuses.corr2d_multi_in_out(draw.normal(2, 5, 6), draw.normal(4, 3, 2, 3))


@pytest.mark.weight(0.5)
@pytest.mark.proves("another number of input channels")
def test_one_channel_is_not_stretched(student, refuses, draw):
    """A single channel is not repeated to match several: that raises an error."""
    student.corr2d_multi_in_out(draw.normal(3, 5, 6), draw.normal(4, 3, 2, 3))
    refuses.corr2d_multi_in_out(draw.normal(3, 5, 6), draw.normal(4, 1, 2, 3))
    refuses.corr2d_multi_in_out(draw.normal(1, 5, 6), draw.normal(4, 3, 2, 3))


@pytest.mark.weight(0.5)
@pytest.mark.proves("taller or wider",
                    "an X that is not three-dimensional", "a K that is not four-dimensional")
def test_kernels_without_a_place_are_refused(student, refuses, draw):
    """Kernels that do not fit, or a missing axis, raise an error."""
    student.corr2d_multi_in_out(draw.normal(2, 4, 4), draw.normal(3, 2, 4, 3))
    refuses.corr2d_multi_in_out(draw.normal(2, 4, 4), draw.normal(3, 2, 5, 3))
    refuses.corr2d_multi_in_out(draw.normal(2, 4, 4), draw.normal(3, 2, 3, 5))
    refuses.corr2d_multi_in_out(draw.normal(4, 4), draw.normal(3, 2, 3, 3))
    refuses.corr2d_multi_in_out(draw.normal(2, 4, 4), draw.normal(2, 3, 3))
