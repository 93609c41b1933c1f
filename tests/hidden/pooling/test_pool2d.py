"""pool2d(X, pool_size, mode="max"): X (H, W) -> (H-ph+1, W-pw+1), the maximum or the average of
every window, with stride 1."""

import pytest
import torch

pytestmark = pytest.mark.question("pool2d")


@pytest.mark.visibility("visible")
def test_textbook_examples(check):
    """The image 0, 1, …, 8 and a 2×2 window: maximum, which is the default, and average."""
    X = torch.arange(9.0).reshape(3, 3)
    check.pool2d(X, (2, 2))
    check.pool2d(X, (2, 2), "avg")


@pytest.mark.weight(3)
def test_maximum(check, draw):
    """Maximum pooling with height and width handled separately."""
    check.pool2d(3 + draw.normal(7, 10), (3, 2), "max")
    check.pool2d(3 + draw.normal(9, 6), (2, 5))
    X = 3 + draw.normal(draw.number(5, 8), draw.number(9, 12))
    check.pool2d(X, (draw.number(2, 3), draw.number(4, 6)), "max")


@pytest.mark.weight(3)
def test_average(check, draw):
    """Average pooling with height and width handled separately."""
    check.pool2d(draw.normal(7, 10), (3, 2), "avg")
    check.pool2d(draw.normal(9, 6), (2, 5), "avg")
    X = draw.normal(draw.number(5, 8), draw.number(9, 12))
    check.pool2d(X, (draw.number(2, 3), draw.number(4, 6)), "avg")


@pytest.mark.weight(2)
def test_dark_images(check, draw):
    """An image of negative numbers has negative maxima."""
    check.pool2d(-1000 * (1 + draw.normal(6, 7).abs()), (2, 3), "max")


def test_extreme_windows(check, draw):
    """Windows of one pixel, of one row or column, and as large as the image."""
    X = draw.normal(5, 4)
    for mode in ("max", "avg"):
        for size in ((1, 1), (1, 3), (4, 1), (5, 4)):
            check.pool2d(X, size, mode)


@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through both modes."""
    for mode in ("max", "avg"):
        check.pool2d.gradients(3 + draw.normal(5, 6, dtype=torch.float64), (2, 3), mode)


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Transposed and sliced images, two calls in a row; the images stay unchanged."""
    for X in (draw.normal(9, 7).abs().t(), draw.normal(8, 9).abs()[2:7, 1:6]):
        for mode in ("max", "avg", "avg", "max"):
            check.pool2d(X, (3, 2), mode)
    for mode in ("max", "avg"):
        two = [(draw.view(7, 6).abs_(), (3, 2), mode) for _ in range(2)]
        check.pool2d.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
def test_int_size(check, draw):
    """One number means a square window."""
    check.pool2d(draw.normal(6, 8), 3, "avg")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_whole_numbers(check, draw):
    """The maximum of integers is an integer."""
    check.pool2d(draw.integers(6, 5, low=1), (2, 3), "max")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    for mode in ("max", "avg"):
        check.pool2d(3 + draw.normal(5, 7, dtype=torch.float64), (3, 2), mode)


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    X = draw.normal(draw.number(4, 7), draw.number(8, 20))
    check.pool2d.on_meta(X, (3, 2), "max")
    check.pool2d.on_meta(X, (3, 2), "avg")


@pytest.mark.weight(0.5)
@pytest.mark.proves("any other mode")
def test_unknown_mode_is_refused(student, refuses, draw):
    """A mode that does not exist raises an error."""
    student.pool2d(draw.normal(4, 4), (2, 2), "max")
    refuses.pool2d(draw.normal(4, 4), (2, 2), "median")


@pytest.mark.weight(0.5)
@pytest.mark.proves("a window taller or wider")
def test_oversized_window_is_refused(student, refuses, draw):
    """A window that does not fit into the image raises an error."""
    student.pool2d(draw.normal(3, 3), (3, 2), "max")
    refuses.pool2d(draw.normal(3, 3), (4, 2), "max")
    refuses.pool2d(draw.normal(3, 3), (2, 4), "avg")


@pytest.mark.weight(0.5)
@pytest.mark.proves("not two-dimensional")
def test_channels_are_refused(student, refuses, draw):
    """An image with channels, of three dimensions, raises an error."""
    student.pool2d(draw.normal(4, 4), (2, 2), "max")
    refuses.pool2d(draw.normal(3, 4, 5), (2, 2), "max")
