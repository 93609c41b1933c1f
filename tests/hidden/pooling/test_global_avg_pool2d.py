"""global_avg_pool2d(X): X (N, C, H, W) -> (N, C), the average of every channel of every image."""

import pytest
import torch

pytestmark = pytest.mark.question("global_avg_pool2d")


@pytest.mark.visibility("visible")
def test_square_example(check):
    """Two channels of a 2×2 image: 0, 1, 2, 3 and 4, 5, 6, 7."""
    check.global_avg_pool2d(torch.arange(8.0).reshape(1, 2, 2, 2))


@pytest.mark.weight(4)
@pytest.mark.proves("any height and width")
def test_rectangular_images(check, draw):
    """Every image and every channel is averaged separately, whatever the height and width."""
    check.global_avg_pool2d(draw.normal(2, 3, 5, 8))
    check.global_avg_pool2d(draw.normal(4, 2, 7, 3))
    check.global_avg_pool2d(
        draw.normal(draw.number(2, 5), draw.number(2, 5), draw.number(3, 6), draw.number(7, 9)))


@pytest.mark.weight(2)
@pytest.mark.proves("any height and width")
def test_thin_images(check, draw):
    """Images of one pixel, of one row and of one column."""
    check.global_avg_pool2d(draw.normal(2, 3, 1, 1))
    check.global_avg_pool2d(draw.normal(2, 3, 1, 6))
    check.global_avg_pool2d(draw.normal(2, 1, 5, 1))


@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function."""
    check.global_avg_pool2d.gradients(draw.normal(2, 3, 4, 5, dtype=torch.float64))


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Transposed, sliced and channels-last images, two calls in a row; images stay unchanged."""
    X = draw.normal(2, 3, 6, 8)
    for view in (X.permute(1, 0, 3, 2), X[:, 1:, 1:6, 2:],
                 X.to(memory_format=torch.channels_last)):
        check.global_avg_pool2d(view)
    two = [(draw.view(2, 3, 6, 8),) for _ in range(2)]
    check.global_avg_pool2d.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    check.global_avg_pool2d(draw.normal(2, 3, 5, 4, dtype=torch.float64))


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    check.global_avg_pool2d.on_meta(draw.normal(2, 3, draw.number(4, 12), draw.number(4, 12)))


@pytest.mark.weight(0.5)
@pytest.mark.proves("shape (0, C)")
def test_empty_batch(check, draw):
    """An empty batch gives an empty answer."""
    shape = draw.number(2, 4), draw.number(5, 12), draw.number(5, 12)
    check.global_avg_pool2d(draw.normal(0, *shape))


@pytest.mark.weight(0.5)
@pytest.mark.proves("two dimensions")
def test_single_plane_is_refused(student, refuses, draw):
    """An image without batch and channels, of two dimensions, raises an error."""
    student.global_avg_pool2d(draw.normal(1, 1, 5, 4))
    refuses.global_avg_pool2d(draw.normal(5, 4))
