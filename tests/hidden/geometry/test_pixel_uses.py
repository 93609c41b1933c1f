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
def test_uses_without_padding(check, draw):
    """Pixels at the border are used less often than those in the middle."""
    for k in (1, 2, 3, draw.number(4, 5), draw.number(6, 9)):
        check.pixel_uses(2 * k + draw.number(0, 9), k)
    two = [(draw.number(6, 9), 2), (draw.number(10, 15), 3)]
    check.pixel_uses.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.proves("windows longer than half the image")
def test_uses_with_long_windows(check, draw):
    """Windows longer than half the image, and one as long as the image."""
    for windows in (2, draw.number(3, 5), 1):
        k = windows + draw.number(2, 6)
        check.pixel_uses(k + windows - 1, k)
    check.pixel_uses(1, 1)
    n, padding = draw.number(4, 9), draw.number(1, 3)
    check.pixel_uses(n, n + 2 * padding, padding)


@pytest.mark.weight(2)
def test_uses_with_some_padding(check, draw):
    """With padding that keeps the size, or less, border pixels are still used less often."""
    for padding in (1, 2, draw.number(3, 4)):
        for less in (0, draw.number(1, 3)):  # padding than keeps the size
            k = 2 * padding + 1 + less
            check.pixel_uses(2 * k + draw.number(0, 6), k, padding)


@pytest.mark.weight(2)
def test_uses_with_full_padding(check, draw):
    """Only full padding lets every pixel be used equally often; more of it changes nothing."""
    for k in (2, 3, draw.number(4, 6)):
        check.pixel_uses(k + draw.number(1, 9), k, k - 1)
        check.pixel_uses(draw.number(2, 9), k, k - 1 + draw.number(1, 3))
    check.pixel_uses(3, k, k - 1)


def test_uses_add_up(student, expect, draw):
    """Without padding, the uses add up to the number of pixels in all windows."""
    for k in (2, 5):
        n = draw.number(12, 20)
        uses = expect.numbers(student.pixel_uses(n, k), n, "uses")
        expect.that(all(0 <= use <= k for use in uses) and sum(uses) == (n - k + 1) * k,
                    sentence("Together the uses have to be the number of windows times the number "
                             "of pixels in each."))


@pytest.mark.weight(0.5)
@pytest.mark.proves("are ints")
def test_answers_are_ints(check, draw):
    """Pixels and windows are counted with ints: not floats, and not tensors."""
    check.per_side(2 * draw.number(2, 20))
    check.pixel_uses(draw.number(4, 15), 2)


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_oversized_window_is_refused", "test_negative_padding_is_refused")
@pytest.mark.proves("a negative total")
def test_negative_total_is_refused(student, refuses, draw):
    """A negative total raises an error."""
    student.per_side(draw.number(1, 9))
    refuses.per_side(-2 * draw.number(1, 9))


@pytest.mark.weight(0.5)
@pytest.mark.proves("a window longer")
def test_oversized_window_is_refused(student, refuses, draw):
    """A window longer than the padded axis raises an error."""
    n, padding = draw.number(3, 9), draw.number(1, 3)
    student.pixel_uses(n, n + 2 * padding, padding)
    refuses.pixel_uses(n, n + draw.number(1, 3))
    refuses.pixel_uses(n, n + 2 * padding + draw.number(1, 3), padding)


@pytest.mark.weight(0.5)
@pytest.mark.proves("a negative padding")
def test_negative_padding_is_refused(student, refuses, draw):
    """A negative padding raises an error."""
    k = draw.number(2, 5)
    n = k + draw.number(4, 9)  # room enough for a window, even so
    student.pixel_uses(n, k, 1)
    refuses.pixel_uses(n, k, -draw.number(1, 2))
