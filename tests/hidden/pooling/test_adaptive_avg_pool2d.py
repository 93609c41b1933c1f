"""adaptive_avg_pool2d(X, output_size): X (N, C, H, W) -> (N, C, *output_size), averages over the
windows [⌊i·n/o⌋, ⌈(i+1)·n/o⌉) of each axis."""

import pytest
import torch

pytestmark = pytest.mark.question("adaptive_avg_pool2d")


@pytest.mark.visibility("visible")
def test_four_to_two(check):
    """The image 0, 1, …, 15 in four quarters."""
    check.adaptive_avg_pool2d(torch.arange(16.0).reshape(1, 1, 4, 4), (2, 2))


def test_sizes_that_divide(check, draw):
    """Output sizes that divide the image: all windows have one size."""
    check.adaptive_avg_pool2d(draw.normal(2, 3, 8, 6), (4, 2))
    check.adaptive_avg_pool2d(draw.normal(3, 2, 6, 9), (2, 9))


@pytest.mark.weight(3)
@pytest.mark.proves("exactly those of the formula")
def test_sizes_that_do_not_divide(check, draw):
    """Windows of different sizes, which may overlap, for height and width separately."""
    check.adaptive_avg_pool2d(draw.normal(2, 3, 5, 7), (3, 5))
    check.adaptive_avg_pool2d(draw.normal(2, 3, 7, 3), (5, 2))
    check.adaptive_avg_pool2d(draw.normal(3, 2, 11, 10), (4, 3))
    rows, columns = draw.number(3, 4), draw.number(5, 6)
    X = draw.normal(2, 3, draw.number(1, 3) * rows + 1, draw.number(1, 2) * columns + 2)
    check.adaptive_avg_pool2d(X, (rows, columns))


@pytest.mark.weight(2)
def test_larger_outputs(check, draw):
    """An output larger than the image: pixels are used more than once."""
    check.adaptive_avg_pool2d(draw.normal(2, 3, 3, 4), (5, 7))
    check.adaptive_avg_pool2d(draw.normal(3, 2, 5, 2), (4, 6))


def test_extreme_outputs(check, draw):
    """One window for the whole axis, one window for each pixel, and both together."""
    X = draw.normal(2, 3, 5, 4)
    check.adaptive_avg_pool2d(X, (1, 1))
    check.adaptive_avg_pool2d(X, (5, 4))
    check.adaptive_avg_pool2d(X, (1, 4))


def test_int_size(check, draw):
    """One number means a square output."""
    check.adaptive_avg_pool2d(draw.normal(2, 3, 5, 8), 3)


@pytest.mark.proves("exactly those of the formula")
def test_bounds_are_exact(check, draw):
    """Window bounds follow the formula exactly, without errors of floating-point division."""
    check.adaptive_avg_pool2d(draw.normal(1, 2, 30, 3), (22, 2))
    check.adaptive_avg_pool2d(draw.normal(1, 2, 3, 58), (2, 14))


@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function."""
    check.adaptive_avg_pool2d.gradients(draw.normal(2, 3, 5, 4, dtype=torch.float64), (3, 2))


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Transposed, sliced and channels-last images, two calls in a row; images stay unchanged."""
    X = draw.normal(2, 3, 6, 8)
    for view in (X.permute(1, 0, 3, 2), X[:, 1:, 1:6, 2:],
                 X.to(memory_format=torch.channels_last)):
        check.adaptive_avg_pool2d(view, (3, 4))
    two = [(draw.view(2, 3, 6, 8), (4, 3)) for _ in range(2)]
    check.adaptive_avg_pool2d.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    check.adaptive_avg_pool2d(draw.normal(2, 3, 5, 7, dtype=torch.float64), (3, 4))


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    X = draw.normal(2, 3, draw.number(4, 9), draw.number(5, 12))
    check.adaptive_avg_pool2d.on_meta(X, (3, 4))


@pytest.mark.weight(0.5)
@pytest.mark.proves("empty batch")
def test_empty_batch(check, draw):
    """An empty batch gives an empty batch."""
    shape = draw.number(2, 5), draw.number(4, 9), draw.number(3, 9)
    check.adaptive_avg_pool2d(draw.normal(0, *shape), (3, 2))


@pytest.mark.weight(0.5)
@pytest.mark.proves("below 1")
def test_empty_output_is_refused(student, refuses, draw):
    """An output without rows or without columns raises an error."""
    X = draw.normal(2, 3, 5, 4)
    student.adaptive_avg_pool2d(X, (3, 2))
    refuses.adaptive_avg_pool2d(X, (0, 2))
    refuses.adaptive_avg_pool2d(X, (3, 0))


@pytest.mark.weight(0.5)
@pytest.mark.proves("two dimensions")
def test_single_plane_is_refused(student, refuses, draw):
    """An image without batch and channels, of two dimensions, raises an error."""
    student.adaptive_avg_pool2d(draw.normal(1, 1, 5, 4), (3, 2))
    refuses.adaptive_avg_pool2d(draw.normal(5, 4), (3, 2))
