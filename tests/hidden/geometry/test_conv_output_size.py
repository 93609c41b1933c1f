"""conv_output_size(n, k, padding=0, stride=1, dilation=1): how many windows one axis has."""

from itertools import product

import pytest

from autograder.suite import sentence

pytestmark = pytest.mark.question("conv_output_size")


@pytest.mark.visibility("visible")
def test_eight_pixels(check):
    """Eight pixels: padding that keeps the size, and strides that reduce it."""
    check.conv_output_size(8, 3, 1)
    check.conv_output_size(8, 5, 2)
    check.conv_output_size(8, 3, 1, 2)
    check.conv_output_size(8, 3, 0, 3)
    check.conv_output_size(8, 5, 1, 4)


@pytest.mark.weight(2)
def test_without_options(check):
    """Windows that move by one pixel, without padding."""
    for n, k in ((1, 1), (4, 1), (4, 3), (5, 2), (6, 6), (9, 4), (32, 5)):
        check.conv_output_size(n, k)


@pytest.mark.weight(2)
def test_padding(check):
    """Padding is added on both sides."""
    for n, k, padding in product((4, 7), (1, 3, 4), (1, 2)):
        check.conv_output_size(n, k, padding)
    check.conv_output_size(2, 6, 2)


@pytest.mark.weight(2)
def test_strides(check):
    """A last window that does not fit is left out."""
    for n, k, stride in product((6, 7, 8), (1, 2, 3), (2, 3, 4)):
        check.conv_output_size(n, k, 0, stride)


@pytest.mark.weight(2)
def test_strides_with_padding(check):
    """Padding and stride together."""
    for n, k, padding, stride in product((6, 9), (2, 3, 5), (1, 2), (2, 3)):
        check.conv_output_size(n, k, padding, stride)


@pytest.mark.weight(2)
def test_dilation(check):
    """A dilated kernel is longer: every gap between two weights counts."""
    for n, k, dilation in product((9, 12), (1, 2, 4), (2, 3)):
        if dilation * (k - 1) < n:
            check.conv_output_size(n, k, dilation=dilation)


@pytest.mark.weight(3)
def test_everything_together(check):
    """All five arguments together, on a full grid of values, compared with torch."""
    grid = product((7, 10), (1, 2, 3, 4), (0, 1, 2), (1, 2, 3), (1, 2))
    for n, k, padding, stride, dilation in grid:
        check.conv_output_size(n, k, padding, stride, dilation)


@pytest.mark.weight(2)
def test_large_images(check, draw):
    """Images as large as photographs."""
    for k, padding, stride, dilation in ((7, 3, 3, 1), (11, 2, 4, 1), (4, 3, 5, 3), (3, 6, 3, 6)):
        size = draw.number(40, 90)
        n = size * stride + dilation * (k - 1) + 2 - 2 * padding
        check.conv_output_size(n, k, padding, stride, dilation)


def test_one_place_only(student, expect):
    """A kernel exactly as long as the padded axis fits once, whatever the stride."""
    for n, k, padding, stride, dilation in ((5, 5, 0, 1, 1), (6, 8, 1, 3, 1), (7, 5, 3, 4, 3)):
        answer = student.conv_output_size(n, k, padding, stride, dilation)
        [size] = expect.numbers([answer], 1, "size")
        expect.that(size == 1, sentence("A kernel that just fits has exactly one place."))


@pytest.mark.weight(0.5)
def test_sizes_are_ints(check):
    """A size is an int: not a float, and not a tensor."""
    check.conv_output_size(9, 3, 1, 2)


@pytest.mark.weight(0.5)
def test_oversized_kernel_is_refused(student, refuses):
    """A kernel longer than the padded axis raises an error."""
    student.conv_output_size(3, 5, 1)
    refuses.conv_output_size(3, 4)
    refuses.conv_output_size(3, 6, 1)


@pytest.mark.weight(0.5)
def test_oversized_dilated_kernel_is_refused(student, refuses):
    """A kernel that is too long once it is dilated raises an error."""
    student.conv_output_size(5, 3, dilation=2)
    refuses.conv_output_size(4, 3, dilation=2)
    refuses.conv_output_size(6, 4, padding=1, dilation=3)


@pytest.mark.weight(0.5)
def test_impossible_options_are_refused(student, refuses):
    """A negative padding, and a stride or dilation below one, raise errors."""
    student.conv_output_size(8, 3, 1, 2, 1)
    refuses.conv_output_size(8, 3, -1)
    refuses.conv_output_size(8, 3, 0, -1)
    refuses.conv_output_size(8, 3, 0, 1, 0)
