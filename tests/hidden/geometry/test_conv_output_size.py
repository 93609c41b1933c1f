"""conv_output_size(n, k, padding=0, stride=1, dilation=1): how many windows one axis has."""

from itertools import product

import pytest

from autograder.suite import sentence

pytestmark = pytest.mark.question("conv_output_size")


def pixels(k, padding=0, stride=1, dilation=1, *, steps, left=0):
    """The axis on which such a window takes so many steps, and so many pixels are left over."""
    return dilation * (k - 1) + 1 - 2 * padding + steps * stride + left


@pytest.mark.visibility("visible")
def test_eight_pixels(check):
    """Eight pixels: padding that keeps the size, and strides that reduce it."""
    check.conv_output_size(8, 3, 1)
    check.conv_output_size(8, 5, 2)
    check.conv_output_size(8, 3, 1, 2)
    check.conv_output_size(8, 3, 0, 3)
    check.conv_output_size(8, 5, 1, 4)


@pytest.mark.weight(2)
def test_without_options(check, draw):
    """Windows that move by one pixel, without padding."""
    for k in (1, 2, 3, draw.number(4, 6), draw.number(7, 9)):
        check.conv_output_size(pixels(k, steps=draw.number(1, 30)), k)
        check.conv_output_size(k, k)


@pytest.mark.weight(2)
def test_padding(check, draw):
    """Padding is added on both sides."""
    for k, padding in product((1, draw.number(2, 5), draw.number(6, 9)), (1, draw.number(2, 4))):
        check.conv_output_size(k + draw.number(1, 20), k, padding)
    longer, padding = draw.number(1, 3), draw.number(2, 4)  # than the image
    n = draw.number(2, 9)
    check.conv_output_size(n, n + longer, padding)


@pytest.mark.weight(2)
def test_strides(check, draw):
    """A last window that does not fit is left out."""
    for stride in (2, 3, draw.number(4, 6)):
        for left in range(stride):  # kernels shorter than the stride, and longer ones
            for k in (draw.number(1, stride), draw.number(stride + 1, 2 * stride)):
                n = pixels(k, 0, stride, steps=draw.number(1, 9), left=left)
                check.conv_output_size(n, k, 0, stride)


@pytest.mark.weight(2)
def test_strides_with_padding(check, draw):
    """Padding and stride together."""
    for stride, padding in ((2, 1), (3, 1), (3, 2), (4, draw.number(2, 3))):
        for left in (0, stride - 1):  # the kernel never needs more padding to keep the size
            k = draw.number(2, 2 * padding + 1)
            n = pixels(k, padding, stride, steps=draw.number(3, 9), left=left)
            check.conv_output_size(n, k, padding, stride)


@pytest.mark.weight(2)
def test_dilation(check, draw):
    """A dilated kernel is longer: every gap between two weights counts."""
    for k, dilation in product((1, 2, draw.number(3, 6)), (2, draw.number(3, 5))):
        n = pixels(k, dilation=dilation, steps=draw.number(1, 20))
        check.conv_output_size(n, k, dilation=dilation)


@pytest.mark.weight(3)
@pytest.mark.proves("all five numbers")
def test_everything_together(check, draw):
    """All five arguments together, on a full grid of values, compared with torch."""
    sizes = (draw.number(7, 20), draw.number(21, 60))  # of four kernels some leave pixels over
    grid = product(sizes, (1, 2, 3, 4), (0, 1, 2), (1, 2, 3), (1, 2))
    for n, k, padding, stride, dilation in grid:
        check.conv_output_size(n, k, padding, stride, dilation)


@pytest.mark.weight(2)
@pytest.mark.proves("photographs")
def test_large_images(check, draw):
    """Images as large as photographs."""
    for k, padding, stride, dilation in ((7, 3, 3, 1), (11, 2, 4, 1), (4, 3, 5, 3), (3, 6, 3, 6)):
        size = draw.number(40, 90)
        n = size * stride + dilation * (k - 1) + 2 - 2 * padding
        check.conv_output_size(n, k, padding, stride, dilation)


def test_one_place_only(student, expect, draw):
    """A kernel exactly as long as the padded axis fits once, whatever the stride."""
    options = [(0, 1, 1)]
    for padding in (1, 2):
        options.append((padding, draw.number(2, 2 * padding), draw.number(3, 4)))
    for padding, stride, dilation in options:
        k = draw.number(6, 9)
        n = pixels(k, padding, stride, dilation, steps=0)
        answer = student.conv_output_size(n, k, padding, stride, dilation)
        [size] = expect.numbers([answer], 1, "size")
        expect.that(size == 1, sentence("A kernel that just fits has exactly one place."))


@pytest.mark.weight(0.5)
@pytest.mark.proves("is an int")
def test_sizes_are_ints(check, draw):
    """A size is an int: not a float, and not a tensor."""
    check.conv_output_size(pixels(3, 1, 2, steps=draw.number(4, 40)), 3, 1, 2)


@pytest.mark.weight(0.5)
@pytest.mark.proves("longer than the padded axis")
def test_oversized_kernel_is_refused(student, refuses, draw):
    """A kernel longer than the padded axis raises an error."""
    n, padding = draw.number(3, 20), draw.number(1, 3)
    student.conv_output_size(n, n + 2 * padding, padding)
    refuses.conv_output_size(n, n + draw.number(1, 3))
    refuses.conv_output_size(n, n + 2 * padding + draw.number(1, 3), padding)


@pytest.mark.weight(0.5)
@pytest.mark.proves("longer than the padded axis")
def test_oversized_dilated_kernel_is_refused(student, refuses, draw):
    """A kernel that is too long once it is dilated raises an error."""
    k, dilation = draw.number(3, 8), draw.number(2, 4)
    n = pixels(k, dilation=dilation, steps=0)
    missing = draw.number(1, n - k)  # the plain kernel fits
    student.conv_output_size(n, k, dilation=dilation)
    refuses.conv_output_size(n - missing, k, dilation=dilation)
    refuses.conv_output_size(n - 2 - missing, k, padding=1, dilation=dilation)


@pytest.mark.weight(0.5)
@pytest.mark.proves("a negative padding", "a stride below one", "a dilation below one")
def test_impossible_options_are_refused(student, refuses, draw):
    """A negative padding, and a stride or dilation below one, raise errors."""
    k = draw.number(2, 5)
    n = k + draw.number(6, 20)  # room enough: it is the options that are wrong
    student.conv_output_size(n, k, 1, 2, 1)
    refuses.conv_output_size(n, k, -draw.number(1, 3))
    refuses.conv_output_size(n, k, 0, -draw.number(1, 3))
    refuses.conv_output_size(n, k, 0, 1, -draw.number(0, 2))
