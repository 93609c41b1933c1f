"""per_side(total) -> (before, after), and pixel_uses(n, k, padding=0): how many windows, moving
by one pixel, see each of n pixels."""

import pytest

from autograder.suite import sentence

pytestmark = pytest.mark.question("pixel_uses")


@pytest.mark.visibility("visible")
def test_sides_of_two_and_three(check):
    """Two and three pixels of padding, shared between both sides."""
    check.per_side(2)
    check.per_side(3)


@pytest.mark.visibility("visible")
def test_uses_of_seven_pixels(check):
    """Seven pixels and a window of three, without padding."""
    check.pixel_uses(7, 3)


@pytest.mark.weight(2)
def test_even_totals(check, draw):
    """An even padding is the same on both sides."""
    check.per_side(0)
    check.per_side(2 * draw.number(2, 9))


@pytest.mark.weight(2)
def test_odd_totals(check, draw):
    """An odd padding has its odd pixel on the right side."""
    check.per_side(1)
    check.per_side(2 * draw.number(2, 9) + 1)


@pytest.mark.weight(2)
def test_uses_without_padding(check):
    """Pixels at the border are used less often than those in the middle."""
    for n, k in ((6, 1), (6, 2), (9, 4), (12, 5)):
        check.pixel_uses(n, k)


def test_uses_with_long_windows(check):
    """Windows longer than half the image, and one as long as the image."""
    for n, k in ((4, 3), (5, 4), (6, 6), (1, 1)):
        check.pixel_uses(n, k)
    check.pixel_uses(4, 6, 1)


@pytest.mark.weight(2)
def test_uses_with_some_padding(check):
    """With padding that keeps the size, or less, border pixels are still used less often."""
    for n, k, padding in ((7, 3, 1), (9, 5, 2), (8, 4, 1), (10, 7, 2)):
        check.pixel_uses(n, k, padding)


@pytest.mark.weight(2)
def test_uses_with_full_padding(check):
    """Only full padding lets every pixel be used equally often; more of it changes nothing."""
    for n, k, padding in ((7, 3, 2), (5, 4, 3), (3, 5, 4), (4, 2, 3)):
        check.pixel_uses(n, k, padding)


def test_uses_add_up(student, expect, draw):
    """Without padding, the uses add up to the number of pixels in all windows."""
    for k in (2, 5):
        n = draw.number(12, 20)
        uses = expect.numbers(student.pixel_uses(n, k), n, "uses")
        expect.that(all(0 <= use <= k for use in uses) and sum(uses) == (n - k + 1) * k,
                    sentence("Together the uses have to be the number of windows times the number "
                             "of pixels in each."))


@pytest.mark.weight(0.5)
def test_answers_are_ints(check):
    """Pixels and windows are counted with ints: not floats, and not tensors."""
    check.per_side(4)
    check.pixel_uses(5, 2)


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_oversized_window_is_refused", "test_negative_padding_is_refused")
def test_negative_total_is_refused(student, refuses):
    """A negative total raises an error."""
    student.per_side(1)
    refuses.per_side(-2)


@pytest.mark.weight(0.5)
def test_oversized_window_is_refused(student, refuses):
    """A window longer than the padded axis raises an error."""
    student.pixel_uses(3, 5, 1)
    refuses.pixel_uses(3, 4)
    refuses.pixel_uses(3, 6, 1)


@pytest.mark.weight(0.5)
def test_negative_padding_is_refused(student, refuses):
    """A negative padding raises an error."""
    student.pixel_uses(8, 3, 1)
    refuses.pixel_uses(8, 3, -1)
