"""pool_output_size(n, k, stride, padding=0, ceil_mode=False): how many windows one axis has."""

from itertools import product

import pytest

pytestmark = pytest.mark.question("pool_output_size")


@pytest.mark.visibility("visible")
def test_five_pixels(check):
    """Windows of 2 side by side on 5 pixels: 2, or 3 when rounded up."""
    check.pool_output_size(5, 2, 2)
    check.pool_output_size(5, 2, 2, 0, True)


@pytest.mark.weight(3)
def test_rounded_down(check):
    """Without padding: a last window that does not fit is left out."""
    for n in (5, 6, 9):
        for k, stride in product((1, 2, 3, 5), (2, 3)):
            check.pool_output_size(n, k, stride)


@pytest.mark.weight(3)
def test_padding(check):
    """Padding counts on both sides."""
    for n in (7, 8):
        for (k, padding), stride in product(((2, 1), (3, 1), (4, 2), (5, 1)), (1, 2, 3)):
            check.pool_output_size(n, k, stride, padding, False)


@pytest.mark.weight(3)
def test_rounded_up(check):
    """With ceil_mode a window that extends beyond the image counts too."""
    for n in (6, 7):
        for (k, padding), stride in product(((2, 0), (3, 0), (4, 1), (5, 2)), (1, 2, 3)):
            check.pool_output_size(n, k, stride, padding, True)


@pytest.mark.weight(2)
def test_the_last_window(check):
    """With ceil_mode the last window starts inside the image or the padding on its left."""
    for n in (5, 10):
        for (k, padding), stride in product(((1, 0), (2, 1), (3, 1)), (2, 3, 5)):
            check.pool_output_size(n, k, stride, padding, True)


@pytest.mark.weight(0.5)
def test_oversized_kernel_is_refused(student, refuses):
    """A kernel larger than the padded image raises an error."""
    student.pool_output_size(5, 7, 1, 1)
    refuses.pool_output_size(5, 8, 1, 1)
    refuses.pool_output_size(2, 3, 2)


@pytest.mark.weight(0.5)
def test_negative_stride_and_padding_are_refused(student, refuses):
    """A negative stride and a negative padding raise errors."""
    student.pool_output_size(8, 2, 1, 1)
    refuses.pool_output_size(8, 2, -1)
    refuses.pool_output_size(8, 2, 1, -1)
