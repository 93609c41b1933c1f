"""col2im(columns, size, kernel, stride=1, padding=0): columns (N, C·kh·kw, L) added back into
images (N, C, H, W) of the given size: the adjoint of im2col."""

import math

import pytest
import torch
import torch.nn.functional as F

pytestmark = pytest.mark.question("col2im")


def inner(expect, x, image, where):
    """⟨x, image⟩, once the student's image is known to hold numbers and to have x's shape."""
    expect.near(image, torch.zeros_like(x), math.inf, where)
    return (x * image).sum()


@pytest.mark.visibility("visible")
def test_worked_example(check):
    """Columns of ones: each pixel of a 3×3 image gets the number of 2×2 windows that cover it."""
    check.col2im(torch.ones(1, 4, 4), 3, 2)


@pytest.mark.weight(2)
def test_overlapping_windows(check, draw):
    """Several images and channels; where windows overlap, their columns add up."""
    check.col2im(draw.normal(2, 18, 28), (6, 8), (3, 2))
    check.col2im(draw.normal(3, 12, 12), (7, 4), (2, 3))
    rows, columns, c = draw.number(2, 4), draw.number(5, 7), draw.number(2, 4)  # of windows
    check.col2im(draw.normal(2, 6 * c, rows * columns), (rows + 1, columns + 2), (2, 3))


@pytest.mark.weight(2)
@pytest.mark.proves("ints or pairs")
def test_strides(check, draw):
    """Each axis has its own stride; pixels that no window covers are zero."""
    check.col2im(draw.normal(2, 18, 9), (7, 10), (3, 2), (2, 3))
    check.col2im(draw.normal(1, 8, 9), (8, 9), 2, 3)


@pytest.mark.weight(2)
@pytest.mark.proves("ints or pairs")
def test_padding(check, draw):
    """Values that belong to the padding are dropped: the answer has the given size."""
    check.col2im(draw.normal(2, 24, 22), (8, 5), (2, 4), (1, 2), (2, 1))
    check.col2im(draw.normal(2, 18, 20), (4, 5), 3, 1, 1)


@pytest.mark.weight(2)
def test_adjoint_of_im2col(student, expect, draw):
    """⟨im2col(x), y⟩ = ⟨x, col2im(y)⟩ for every image x and all columns y."""
    for kernel, stride, padding in (((3, 2), (1, 2), (1, 1)), ((2, 2), (1, 1), (0, 0))):
        x = draw.normal(2, 3, 6, 5, dtype=torch.float64)
        columns = F.unfold(x, kernel, padding=padding, stride=stride)
        y = draw.normal(*columns.shape, dtype=torch.float64)
        image = student.col2im(y, (6, 5), kernel, stride, padding)
        expect.near(inner(expect, x, image, "col2im(y)"), (columns * y).sum(),
                    1e-5 * float(columns.norm() * y.norm()), "⟨x, col2im(y)⟩")


def test_round_trip_without_overlap(student, expect, draw):
    """Windows side by side, each pixel in exactly one of them: col2im undoes im2col."""
    x = draw.normal(2, 3, 6, 8)
    columns = F.unfold(x, (3, 2), stride=(3, 2))
    expect.near(student.col2im(columns, (6, 8), (3, 2), (3, 2)), x, 0.0, "col2im(im2col(x))")


@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function."""
    check.col2im.gradients(draw.normal(2, 12, 21), (5, 6), (3, 2), (2, 1), (1, 1))


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Transposed and sliced columns, two calls in a row; the columns stay unchanged."""
    columns = draw.normal(2, 16, 12).transpose(1, 2)
    check.col2im(columns[:, :, 2:11], (4, 5), (2, 3))
    check.col2im(columns, (5, 6), (2, 3))
    two = [(draw.view(2, 12, 16), (5, 6), (2, 3)) for _ in range(2)]
    check.col2im.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    check.col2im(draw.normal(2, 12, 21, dtype=torch.float64), (5, 6), (3, 2), (2, 1), (1, 1))


@pytest.mark.weight(0.5)
@pytest.mark.proves("whole numbers")
def test_whole_numbers(check, draw):
    """int64 in, int64 out, and exact."""
    check.col2im(draw.integers(2, 12, 21), (5, 6), (3, 2), (2, 1), (1, 1))


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    columns = draw.normal(2, 6 * draw.number(2, 20), 21)
    check.col2im.on_meta(columns, (5, 6), (3, 2), (2, 1), (1, 1))


@pytest.mark.weight(0.5)
@pytest.mark.proves("empty batch")
def test_empty_batch(check, draw):
    """An empty batch of columns gives an answer of shape (0, C, H, W)."""
    columns = draw.normal(0, 6 * draw.number(2, 20), 21)
    check.col2im(columns, (5, 6), (3, 2), (2, 1), (1, 1))


@pytest.mark.weight(0.5)
@pytest.mark.proves("columns whose number", "a window larger")
def test_columns_that_do_not_fit_are_refused(student, refuses, draw):
    """More or fewer columns than windows, or an oversized window, raise an error."""
    student.col2im(draw.normal(1, 8, 9), 4, 2)
    refuses.col2im(draw.normal(1, 8, 8), 4, 2)
    refuses.col2im(draw.normal(1, 8, 12), 4, 2)
    refuses.col2im(draw.normal(1, 50, 1), 4, 5)
