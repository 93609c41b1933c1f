"""im2col(X, kernel, stride=1, padding=0): every window of X (N, C, H, W) as one column of the
answer (N, C·kh·kw, L), without a Python loop over pixels."""

import pytest
import torch

pytestmark = pytest.mark.question("im2col")


@pytest.mark.visibility("visible")
@pytest.mark.weight(1.5)
def test_worked_example(check):
    """The image 0, 1, …, 8 through a 2×2 window: four columns of four pixels."""
    check.im2col(torch.arange(9.0).reshape(1, 1, 3, 3), 2)


@pytest.mark.weight(3)
def test_rectangular_windows(check, draw):
    """Several images and channels; rows are ordered by channel, then kernel row, then column."""
    check.im2col(draw.normal(2, 3, 6, 8), (3, 2))
    check.im2col(draw.normal(3, 2, 7, 4), (2, 3))
    X = draw.normal(draw.number(2, 4), draw.number(2, 4), draw.number(5, 8), draw.number(9, 12))
    check.im2col(X, (draw.number(2, 3), draw.number(4, 5)))


@pytest.mark.weight(3)
@pytest.mark.proves("ints or pairs", "left out")
def test_strides(check, draw):
    """Each axis has its own stride; windows that do not fit are left out."""
    check.im2col(draw.normal(2, 3, 7, 10), (3, 2), (2, 3))
    check.im2col(draw.normal(1, 2, 8, 6), (2, 3), 3)


@pytest.mark.weight(3)
@pytest.mark.proves("ints or pairs")
def test_padding(check, draw):
    """Zero padding on all sides, different for each axis."""
    check.im2col(draw.normal(2, 3, 8, 5), (2, 4), (1, 2), (2, 1))
    check.im2col(draw.normal(2, 2, 4, 5), 3, 1, 1)


@pytest.mark.weight(1.5)
def test_extreme_windows(check, draw):
    """A window of one pixel, and a window as large as the padded image."""
    check.im2col(draw.normal(2, 3, 4, 5), 1)
    check.im2col(draw.normal(2, 3, 3, 4), (5, 4), 1, (1, 0))


@pytest.mark.weight(0.5)
@pytest.mark.proves("no Python loop")
def test_no_loop_over_pixels(check, draw):
    """No Python loop over pixels: the number of steps does not grow with the image."""
    small, kernel = draw.normal(1, 2, 5, 6), (2, 3)
    check.im2col.without_pixel_loops((small, kernel), (draw.normal(1, 2, 60, 6), kernel))
    check.im2col.without_pixel_loops((small, kernel), (draw.normal(1, 2, 5, 60), kernel))


@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function, also where windows overlap."""
    check.im2col.gradients(draw.normal(2, 2, 5, 6), (3, 2), (2, 1), (1, 0))


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Transposed, channels-last and sliced inputs, two calls in a row; inputs stay unchanged."""
    transposed = draw.normal(2, 3, 7, 6).transpose(2, 3)
    check.im2col(transposed, (3, 2))
    check.im2col(draw.normal(2, 3, 5, 6).to(memory_format=torch.channels_last), 2, 2)
    check.im2col(draw.normal(4, 5, 8, 9)[1:3, 1:4, 2:7, 1:8], (2, 3), 1, 1)
    two = [(draw.view(2, 3, 6, 7), (3, 2)) for _ in range(2)]
    check.im2col.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    check.im2col(draw.normal(2, 2, 5, 6, dtype=torch.float64), (3, 2), (2, 1), (1, 0))


@pytest.mark.weight(0.5)
@pytest.mark.proves("whole numbers")
def test_whole_numbers(check, draw):
    """int64 in, int64 out."""
    check.im2col(draw.integers(2, 2, 5, 6), (3, 2), (2, 1), (1, 0))


@pytest.mark.weight(0.25)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    check.im2col.on_meta(draw.normal(2, draw.number(2, 20), 5, 6), (3, 2), (2, 1), (1, 0))


@pytest.mark.weight(0.5)
@pytest.mark.proves("empty batch")
def test_empty_batch(check, draw):
    """An empty batch gives an answer of shape (0, C·kh·kw, L)."""
    check.im2col(draw.normal(0, draw.number(2, 20), 5, 6), (3, 2), (2, 1), (1, 0))


@pytest.mark.weight(0.25)
@pytest.mark.proves("larger than the padded image")
def test_oversized_window_is_refused(student, refuses, draw):
    """A window larger than the padded image raises an error."""
    student.im2col(draw.normal(1, 2, 3, 3), (3, 2))
    refuses.im2col(draw.normal(1, 2, 3, 3), (4, 2))
    refuses.im2col(draw.normal(1, 2, 3, 3), (2, 6), 1, 1)


@pytest.mark.weight(0.25)
@pytest.mark.proves("a stride below 1", "a negative padding", "not four-dimensional")
def test_bad_arguments_are_refused(student, refuses, draw):
    """A negative stride, a negative padding, or an X that is not (N, C, H, W) raises an error."""
    student.im2col(draw.normal(1, 2, 5, 5), 2, 1, 1)
    refuses.im2col(draw.normal(1, 2, 5, 5), 2, -1)
    refuses.im2col(draw.normal(1, 2, 5, 5), 2, 1, -1)
    refuses.im2col(draw.normal(5, 5), 2)
