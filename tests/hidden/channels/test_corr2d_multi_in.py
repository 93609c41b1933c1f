"""corr2d_multi_in(X, K): correlate channel by channel, add the channels up,
X (C, H, W), K (C, kh, kw) -> (H-kh+1, W-kw+1)."""

import pytest
import torch

pytestmark = pytest.mark.question("corr2d_multi_in")


@pytest.mark.visibility("visible")
@pytest.mark.weight(2)
def test_textbook_example(check):
    """The textbook's example: a 3×3 image and a 2×2 kernel, each of two channels."""
    X, K = torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2)
    check.corr2d_multi_in(torch.stack([X, X + 1]), torch.stack([K, K + 1]))


@pytest.mark.weight(5)
def test_rectangular_images_and_kernels(check, draw):
    """Images and kernels that are not square, with several channels."""
    check.corr2d_multi_in(draw.normal(3, 7, 10), draw.normal(3, 3, 2))
    check.corr2d_multi_in(draw.normal(4, 9, 6), draw.normal(4, 2, 5))
    c = draw.number(2, 6)
    check.corr2d_multi_in(draw.normal(c, draw.number(4, 8), draw.number(9, 12)),
                          draw.normal(c, draw.number(2, 3), draw.number(4, 6)))


@pytest.mark.weight(3)
@pytest.mark.proves("any number of channels")
def test_any_number_of_channels(check, draw):
    """One, two or many channels: each is used once, with its own kernel."""
    for channels in (1, 2, 7):
        check.corr2d_multi_in(draw.normal(channels, 5, 6), draw.normal(channels, 3, 2))


@pytest.mark.weight(2)
def test_extreme_kernels(check, draw):
    """Kernels of one pixel, of one row or column, and as large as the image."""
    for size in ((1, 1), (1, 4), (3, 1), (5, 6)):
        check.corr2d_multi_in(draw.normal(3, 5, 6), draw.normal(3, *size))


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_whole_numbers(check, draw):
    """Integer tensors give exact answers, however large the numbers."""
    check.corr2d_multi_in(draw.integers(3, 6, 5, low=-9999, high=9999),
                          draw.integers(3, 2, 3, low=-9999, high=9999))


@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function, for the image and for the kernel."""
    check.corr2d_multi_in.gradients(
        draw.normal(3, 5, 6, dtype=torch.float64), draw.normal(3, 2, 3, dtype=torch.float64)
    )


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged", "contiguous")
def test_views_and_repeated_calls(check, draw):
    """Permuted and sliced inputs, two calls in a row; the inputs stay unchanged."""
    check.corr2d_multi_in(draw.normal(9, 7, 3).permute(2, 1, 0),
                          draw.normal(5, 6, 6)[1:4, 2:5, ::3])
    two = [(draw.view(3, 7, 9), draw.view(3, 2, 3)) for _ in range(2)]
    check.corr2d_multi_in.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    check.corr2d_multi_in(
        draw.normal(3, 5, 7, dtype=torch.float64), draw.normal(3, 3, 2, dtype=torch.float64)
    )


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    c = draw.number(5, 20)
    check.corr2d_multi_in.on_meta(draw.normal(c, 5, 7), draw.normal(c, 3, 2))


@pytest.mark.weight(0.5)
@pytest.mark.proves("different numbers of channels")
def test_different_numbers_of_channels_are_refused(student, refuses, draw):
    """An image and a kernel with different numbers of channels raise an error."""
    student.corr2d_multi_in(draw.normal(3, 5, 6), draw.normal(3, 2, 3))
    refuses.corr2d_multi_in(draw.normal(3, 5, 6), draw.normal(2, 2, 3))
    refuses.corr2d_multi_in(draw.normal(2, 5, 6), draw.normal(3, 2, 3))


@pytest.mark.weight(0.5)
@pytest.mark.proves("different numbers of channels")
def test_one_channel_is_not_stretched(student, refuses, draw):
    """A single channel is not repeated to match several: that raises an error."""
    student.corr2d_multi_in(draw.normal(3, 5, 6), draw.normal(3, 2, 3))
    refuses.corr2d_multi_in(draw.normal(3, 5, 6), draw.normal(1, 2, 3))
    refuses.corr2d_multi_in(draw.normal(1, 5, 6), draw.normal(3, 2, 3))


@pytest.mark.weight(0.5)
@pytest.mark.proves("a kernel taller or wider", "not three-dimensional")
def test_kernels_without_a_place_are_refused(student, refuses, draw):
    """A kernel that does not fit, or a tensor without a channel axis, raises an error."""
    student.corr2d_multi_in(draw.normal(2, 4, 4), draw.normal(2, 4, 3))
    refuses.corr2d_multi_in(draw.normal(2, 4, 4), draw.normal(2, 5, 3))
    refuses.corr2d_multi_in(draw.normal(2, 4, 4), draw.normal(2, 3, 5))
    refuses.corr2d_multi_in(draw.normal(4, 4), draw.normal(2, 3, 3))
    refuses.corr2d_multi_in(draw.normal(2, 4, 4), draw.normal(3, 3))
