"""pad2d(X, (top, bottom, left, right), mode="zeros"): X (..., H, W) with a border.

Only the checks about sides pad them differently: who mixes them up pays there, and not again for
channels, gradients and dtypes.
"""

import pytest
import torch

pytestmark = pytest.mark.question("pad2d")


@pytest.mark.visibility("visible")
def test_zeros_around_a_small_image(check):
    """Zeros around a 2×3 image: one row above, two columns to the right."""
    check.pad2d(torch.arange(1.0, 7.0).reshape(2, 3), (1, 0, 0, 2))


@pytest.mark.weight(3)
@pytest.mark.proves("four different numbers")
def test_four_different_sides(check, draw):
    """Each side has its own number of zeros."""
    check.pad2d(draw.normal(4, 6), (1, 3, 2, 4))
    check.pad2d(draw.normal(7, 3), (4, 2, 0, 1), "zeros")


@pytest.mark.weight(2)
@pytest.mark.proves("four different numbers")
def test_one_side_at_a_time(check, draw):
    """Zeros on one side only, or on none."""
    for padding in ((2, 0, 0, 0), (0, 2, 0, 0), (0, 0, 3, 0), (0, 0, 0, 3), (0, 0, 0, 0)):
        check.pad2d(draw.normal(3, 5), padding)


@pytest.mark.weight(2)
def test_images_with_channels(check, draw):
    """Height and width are the last two axes of X, however many there are."""
    check.pad2d(draw.normal(3, 4, 5), (1, 1, 1, 1))
    check.pad2d(draw.normal(2, 3, 4, 6), (2, 2, 2, 2))
    check.pad2d(draw.normal(2, 2, 1, 3, 2), (1, 1, 1, 1))
    check.pad2d(draw.normal(3, 4, 5), (3, 3, 3, 3), "reflect")
    check.pad2d(draw.normal(draw.number(2, 4), draw.number(3, 6), draw.number(7, 9)), (1, 1, 1, 1))


@pytest.mark.weight(3)
def test_reflection(check, draw):
    """Reflection at the border pixels, each side with its own number, corners included."""
    check.pad2d(draw.normal(2, 1, 5, 6), (1, 3, 2, 4), "reflect")
    check.pad2d(draw.normal(2, 3, 6, 4), (4, 2, 0, 1), "reflect")


@pytest.mark.weight(2)
def test_reflection_on_one_axis(check, draw):
    """Reflection above and below only, or to the left and right only."""
    check.pad2d(draw.normal(1, 2, 6, 5), (4, 4, 0, 0), "reflect")
    check.pad2d(draw.normal(1, 2, 4, 7), (0, 0, 5, 5), "reflect")


@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Transposed and sliced images, two calls in a row; the images stay unchanged."""
    check.pad2d(draw.normal(2, 7, 5, 3).permute(0, 3, 1, 2), (1, 1, 1, 1))
    for options in (((1, 1, 1, 1),), ((2, 2, 2, 2), "reflect")):
        two = [(draw.view(2, 3, 7, 5), *options) for _ in range(2)]
        check.pad2d.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("empty batch")
def test_empty_batch(check, draw):
    """An empty batch gives an empty batch."""
    shape = draw.number(2, 5), draw.number(4, 9), draw.number(4, 9)
    check.pad2d(draw.normal(0, *shape), (2, 2, 2, 2))


@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function, in both modes."""
    X = draw.normal(2, 2, 4, 5, dtype=torch.float64)
    check.pad2d.gradients(X, (2, 2, 2, 2))
    check.pad2d.gradients(X, (3, 3, 3, 3), "reflect")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """Integer and float64 tensors keep their dtype."""
    for mode in ("zeros", "reflect"):
        check.pad2d(draw.normal(2, 3, 4, 5, dtype=torch.float64), (2, 2, 2, 2), mode)
        check.pad2d(draw.integers(2, 3, 4, 5), (2, 2, 2, 2), mode)


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    shape = draw.number(2, 5), draw.number(4, 9), draw.number(4, 9)
    check.pad2d.on_meta(draw.normal(2, *shape), (2, 2, 2, 2))


@pytest.mark.weight(0.5)
@pytest.mark.proves("a negative number")
def test_negative_padding_is_refused(student, refuses, draw):
    """A negative padding raises an error, on any side."""
    student.pad2d(draw.normal(5, 5), (1, 1, 1, 1))
    for padding in ((-1, 0, 0, 0), (1, -1, 1, 1), (0, 0, -2, 0), (2, 2, 2, -1)):
        refuses.pad2d(draw.normal(5, 5), padding)


@pytest.mark.weight(0.5)
@pytest.mark.proves("other than these two")
def test_unknown_mode_is_refused(student, refuses, draw):
    """A mode that does not exist raises an error."""
    student.pad2d(draw.normal(1, 2, 4, 4), (1, 1, 1, 1), "reflect")
    refuses.pad2d(draw.normal(1, 2, 4, 4), (1, 1, 1, 1), "mirror")


@pytest.mark.weight(0.5)
@pytest.mark.proves("a reflection")
def test_too_wide_reflection_is_refused(student, refuses, draw):
    """A reflection with more rows or columns than there are to reflect raises an error."""
    student.pad2d(draw.normal(1, 2, 4, 4), (3, 3, 3, 3), "reflect")
    refuses.pad2d(draw.normal(1, 2, 4, 4), (0, 4, 1, 1), "reflect")
    refuses.pad2d(draw.normal(1, 2, 4, 4), (1, 1, 5, 0), "reflect")
