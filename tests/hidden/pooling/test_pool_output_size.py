"""pool_output_size(n, k, stride, padding=0, ceil_mode=False): how many windows one axis has."""

import pytest

pytestmark = pytest.mark.question("pool_output_size")


def pixels(k, stride, padding=0, *, steps, left):
    """The axis on which the window takes so many steps, and so many pixels are left over."""
    return k + steps * stride + left - 2 * padding


def sticking_out(stride, padding, *, steps, inside, by):
    """n and k, where one step more would bring the window beyond the padded axis, by so many
    pixels; so many of the image would be inside from its start on (none: it starts behind)."""
    return (steps + 1) * stride - padding + inside, padding + inside + by


@pytest.mark.visibility("visible")
def test_five_pixels(check):
    """Windows of 2 side by side on 5 pixels: 2, or 3 when rounded up."""
    check.pool_output_size(5, 2, 2)
    check.pool_output_size(5, 2, 2, 0, True)


@pytest.mark.weight(3)
def test_rounded_down(check, draw):
    """Without padding: a last window that does not fit is left out."""
    for stride in (2, 3, draw.number(4, 6)):
        for left in range(stride):  # windows with gaps between them, and overlapping ones
            for k in (draw.number(1, stride), draw.number(stride + 1, 2 * stride)):
                n = pixels(k, stride, steps=draw.number(1, 9), left=left)
                check.pool_output_size(n, k, stride)


@pytest.mark.weight(3)
def test_padding(check, draw):
    """Padding counts on both sides."""
    for stride in (1, 2, 3, draw.number(4, 6)):
        for left in (0, stride - 1):
            padding = draw.number(1, 3)
            for k in (2 * padding, 2 * padding + draw.number(1, 3)):
                n = pixels(k, stride, padding, steps=draw.number(1, 9), left=left)
                check.pool_output_size(n, k, stride, padding, False)


@pytest.mark.weight(3)
@pytest.mark.proves("torch's own")
def test_rounded_up(check, draw):
    """With ceil_mode a window that extends beyond the image counts too."""
    for stride in (2, 3, draw.number(4, 6)):
        for padding, inside in ((0, 0), (1, 1), (0, draw.number(1, 4)),
                                (draw.number(1, 3), draw.number(4, 6))):
            n, k = sticking_out(stride, padding, steps=draw.number(1, 9), inside=inside,
                                by=draw.number(1, stride - 1))
            check.pool_output_size(n, k, stride, padding, True)
        check.pool_output_size(pixels(k, stride, steps=draw.number(1, 9), left=0), k, stride, 0,
                               True)


@pytest.mark.weight(2)
@pytest.mark.proves("torch's own")
def test_the_last_window(check, draw):
    """With ceil_mode the last window starts inside the image or the padding on its left."""
    for stride in (3, draw.number(4, 7)):  # one that starts behind the padding, too
        n, k = sticking_out(stride, 1, steps=draw.number(1, 9), inside=-1,
                            by=draw.number(2, stride - 1))
        check.pool_output_size(n, k, stride, 1, True)
    for stride in (2, 3, draw.number(4, 7)):
        for padding, inside in ((0, 0), (0, 1), (1, 0), (1, 1), (1, 2)):
            n, k = sticking_out(stride, padding, steps=draw.number(1, 9), inside=inside,
                                by=draw.number(1, stride - 1))
            check.pool_output_size(n, k, stride, padding, True)


@pytest.mark.weight(0.5)
@pytest.mark.proves("larger than the padded row")
def test_oversized_kernel_is_refused(student, refuses, draw):
    """A kernel larger than the padded image raises an error."""
    n, padding = draw.number(3, 20), draw.number(1, 2)
    student.pool_output_size(n, n + 2 * padding, 1, padding)
    refuses.pool_output_size(n, n + 2 * padding + draw.number(1, 3), 1, padding)
    refuses.pool_output_size(n, n + draw.number(1, 3), 2)


@pytest.mark.weight(0.5)
@pytest.mark.proves("a negative stride", "a negative padding")
def test_negative_stride_and_padding_are_refused(student, refuses, draw):
    """A negative stride and a negative padding raise errors."""
    k = draw.number(2, 5)
    n = k + draw.number(6, 20)  # room enough: it is the options that are wrong
    student.pool_output_size(n, k, 1, 1)
    refuses.pool_output_size(n, k, -draw.number(1, 3))
    refuses.pool_output_size(n, k, 1, -draw.number(1, 3))


@pytest.mark.weight(0.5)
@pytest.mark.proves("is an int")
def test_sizes_are_ints(check, draw):
    """A size is an int: not a float, and not a tensor."""
    # sizes that divide: how a rest is rounded is asked elsewhere
    check.pool_output_size(2 * draw.number(4, 10), 2, 2)
    check.pool_output_size(2 * draw.number(4, 10), 2, 2, 0, True)
