"""maxpool_backward(grad, X, kernel, stride=None) -> dX (N, C, H, W): each window hands its gradient
to its largest pixel; the first of them, row by row, where several are largest."""

import pytest
import torch

pytestmark = pytest.mark.question("maxpool_backward")


def whole(draw, *shape):
    """Whole numbers as float32, whose sums are exact in any order."""
    return draw.integers(*shape, dtype=torch.float32)


def image(draw, *shape):
    """Pixels around −1, so that many windows hold no positive one."""
    return draw.normal(*shape) - 1


@pytest.mark.visibility("visible")
def test_worked_example(check):
    """A 4×4 image in 2×2 windows: each gradient goes to the largest pixel of its window."""
    X = torch.tensor([[1.0, 3.0, 2.0, 0.0], [4.0, 2.0, 1.0, 5.0],
                      [0.0, 1.0, 7.0, 6.0], [2.0, 8.0, 3.0, 4.0]])
    check.maxpool_backward(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]), X[None, None], 2, 2)


@pytest.mark.weight(2)
@pytest.mark.proves("ints or pairs")
def test_windows_side_by_side(check, draw):
    """Several images and channels; stride None means the kernel's size."""
    check.maxpool_backward(draw.normal(2, 3, 2, 4), image(draw, 2, 3, 6, 8), (3, 2))
    check.maxpool_backward(draw.normal(3, 2, 3, 2), image(draw, 3, 2, 6, 8), (2, 4), None)
    rows, columns, c = draw.number(2, 3), draw.number(4, 5), draw.number(2, 4)
    X = image(draw, 2, c, 2 * rows, 3 * columns)
    check.maxpool_backward(draw.normal(2, c, rows, columns), X, (2, 3))


@pytest.mark.weight(3)
@pytest.mark.proves("may overlap")
def test_overlapping_windows(check, draw):
    """A pixel that is the maximum of several windows gets the sum of their gradients."""
    check.maxpool_backward(whole(draw, 2, 3, 3, 4), image(draw, 2, 3, 7, 9), 3, 2)
    check.maxpool_backward(whole(draw, 2, 2, 5, 5), image(draw, 2, 2, 7, 6), (3, 2), 1)


@pytest.mark.weight(2)
@pytest.mark.proves("ints or pairs", "leave gaps")
def test_strides(check, draw):
    """Each axis has its own stride; pixels between or after the windows get zero."""
    check.maxpool_backward(whole(draw, 2, 3, 3, 3), image(draw, 2, 3, 8, 10), (3, 2), (2, 3))
    check.maxpool_backward(whole(draw, 1, 2, 3, 6), image(draw, 1, 2, 9, 7), 2, (3, 1))


@pytest.mark.weight(2)
def test_ties(check, draw):
    """Of several largest pixels, only the first one, row by row, gets the gradient."""
    few = draw.integers(2, 3, 6, 8, low=0, high=2, dtype=torch.float32)
    check.maxpool_backward(whole(draw, 2, 3, 2, 4), few, (3, 2))
    check.maxpool_backward(whole(draw, 2, 3, 4, 3), few, 3, (1, 2))
    check.maxpool_backward(whole(draw, 1, 1, 2, 2), torch.zeros(1, 1, 4, 4), 2)


@pytest.mark.proves("all be negative")
def test_negative_images(check, draw):
    """The largest pixel may be negative."""
    check.maxpool_backward(whole(draw, 2, 3, 3, 3), -1 - draw.normal(2, 3, 7, 8).abs(), (3, 4), 2)


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Transposed, channels-last and sliced inputs, two calls in a row; inputs stay unchanged."""
    grad, X = whole(draw, 2, 3, 3, 2).transpose(2, 3), image(draw, 2, 3, 7, 5).transpose(2, 3)
    check.maxpool_backward(grad, X, (3, 2), (2, 2))
    check.maxpool_backward(grad, X.to(memory_format=torch.channels_last), (3, 2), (2, 2))
    check.maxpool_backward(grad, image(draw, 4, 4, 8, 9)[1:3, :3, 2:7, 1:8], (3, 2), (2, 2))
    check.maxpool_backward(grad, X, (3, 2), (2, 2))
    two = [(draw.view(2, 3, 3, 4).round_(), draw.view(2, 3, 7, 5).sub_(1), (3, 2), (2, 1))
           for _ in range(2)]
    check.maxpool_backward.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out; pixels are compared at full precision."""
    close = 1 + 1e-12 * draw.normal(2, 3, 6, 5, dtype=torch.float64)
    grad = draw.integers(2, 3, 2, 2, dtype=torch.float64)
    check.maxpool_backward(grad, close, (3, 2))


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    c = draw.number(5, 20)
    check.maxpool_backward.on_meta(draw.normal(2, c, 2, 2), draw.normal(2, c, 6, 5), (3, 2))


@pytest.mark.weight(0.5)
@pytest.mark.proves("empty batch")
def test_empty_batch(check, draw):
    """An empty batch gives an answer of shape (0, C, H, W)."""
    c = draw.number(2, 50)
    check.maxpool_backward(draw.normal(0, c, 2, 2), draw.normal(0, c, 6, 5), (3, 2))


@pytest.mark.weight(0.5)
@pytest.mark.proves("the shape of the pooled", "a window larger")
def test_gradients_that_do_not_fit_are_refused(student, refuses, draw):
    """A grad that is not shaped like the pooled image, or an oversized window, raises an error."""
    X = draw.normal(1, 2, 6, 8)
    student.maxpool_backward(draw.normal(1, 2, 2, 4), X, (3, 2))
    refuses.maxpool_backward(draw.normal(1, 2, 1, 3), X, (3, 2))
    refuses.maxpool_backward(draw.normal(1, 2, 3, 5), X, (3, 2))
    refuses.maxpool_backward(draw.normal(1, 2, 1, 1), X, (7, 2))
