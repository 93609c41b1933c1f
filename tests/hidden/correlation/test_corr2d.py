"""corr2d(X, K): two-dimensional cross-correlation, X (H, W), K (kh, kw) -> (H-kh+1, W-kw+1)."""

import pytest
import torch

pytestmark = pytest.mark.question("corr2d")


@pytest.mark.visibility("visible")
def test_textbook_example(check):
    """The textbook's example: a 3×3 image and a 2×2 kernel."""
    check.corr2d(torch.arange(9.0).reshape(3, 3), torch.tensor([[0.0, 1.0], [2.0, 3.0]]))


@pytest.mark.weight(3)
def test_rectangular_input_and_kernel(check, draw):
    """Height and width are handled separately."""
    check.corr2d(draw.normal(7, 10), draw.normal(3, 2))
    check.corr2d(draw.normal(9, 6), draw.normal(2, 5))
    X = draw.normal(draw.number(4, 8), draw.number(9, 14))
    check.corr2d(X, draw.normal(draw.number(2, 4), draw.number(5, 8)))


@pytest.mark.weight(2)
def test_tall_and_wide_kernels(check, draw):
    """Kernels of a single row or a single column."""
    check.corr2d(draw.normal(6, 8), draw.normal(1, 4))
    check.corr2d(draw.normal(8, 5), draw.normal(3, 1))


def test_extreme_kernels(check, draw):
    """A 1×1 kernel, and a kernel as large as the image."""
    check.corr2d(draw.normal(5, 4), draw.normal(1, 1))
    check.corr2d(draw.normal(4, 6), draw.normal(4, 6))


@pytest.mark.weight(0.25)
@pytest.mark.proves("unchanged", "contiguous")
def test_views_and_repeated_calls(check, draw):
    """Transposed and sliced inputs, two calls in a row; the inputs stay unchanged."""
    two = [(draw.view(7, 9), draw.view(2, 3)) for _ in range(2)]
    check.corr2d.in_turn(*two, where="the first answer, after a second call")
    check.corr2d(draw.normal(9, 7).t(), draw.normal(4, 6)[1:3, 2:5])


def test_shift_in_shift_out(student, expect, draw):
    """Shifting the image shifts the answer by as much: equivariance."""
    X, K = draw.normal(8, 9), draw.normal(3, 2)
    whole = expect.tensor(student.corr2d(X, K), (6, 8), "answer")
    shifted = expect.tensor(student.corr2d(X[2:, 3:], K), (4, 5), "answer of the shifted image")
    expect.near(shifted, whole[2:, 3:], 1e-4, "answer of the shifted image")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_whole_numbers(check, draw):
    """Integer tensors give exact answers."""
    check.corr2d(draw.integers(6, 5), draw.integers(2, 3))


@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function, for the image and for the kernel."""
    check.corr2d.gradients(
        draw.normal(5, 6, dtype=torch.float64), draw.normal(2, 3, dtype=torch.float64)
    )


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    check.corr2d(draw.normal(5, 7, dtype=torch.float64), draw.normal(3, 2, dtype=torch.float64))


@pytest.mark.weight(0.25)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    X = draw.normal(draw.number(4, 7), draw.number(9, 20))
    check.corr2d.on_meta(X, draw.normal(3, 2))


@pytest.mark.weight(0.5)
@pytest.mark.proves("a kernel taller or wider than X")
def test_oversized_kernel_is_refused(student, refuses, draw):
    """A kernel that does not fit into the image raises an error."""
    student.corr2d(draw.normal(3, 3), draw.normal(3, 2))
    refuses.corr2d(draw.normal(3, 3), draw.normal(4, 2))
    refuses.corr2d(draw.normal(3, 3), draw.normal(2, 4))


@pytest.mark.weight(0.25)
@pytest.mark.proves("without any element")
def test_empty_tensors_are_refused(student, refuses, draw):
    """A kernel or an image without any element raises an error."""
    student.corr2d(draw.normal(4, 5), draw.normal(2, 3))
    refuses.corr2d(draw.normal(draw.number(3, 9), 5), draw.normal(0, 3))
    refuses.corr2d(draw.normal(draw.number(3, 9), 5), draw.normal(2, 0))
    refuses.corr2d(draw.normal(0, 5), draw.normal(0, 3))


@pytest.mark.weight(0.25)
@pytest.mark.proves("not two-dimensional")
def test_other_dimensions_are_refused(student, refuses, draw):
    """An image or a kernel that is not two-dimensional raises an error."""
    student.corr2d(draw.normal(4, 5), draw.normal(2, 3))
    refuses.corr2d(draw.normal(draw.number(3, 6), 4, 5), draw.normal(2, 3))
    refuses.corr2d(draw.normal(draw.number(3, 6), 5), draw.normal(1, 2, 3))
