"""conv2d_true(X, K): convolution as mathematics defines it, with the kernel rotated by 180°."""

import pytest
import torch
import torch.nn.functional as F

pytestmark = pytest.mark.question("conv2d_true")


@pytest.mark.visibility("visible")
def test_flipped_example(check):
    """The textbook's image and kernel, flipped."""
    check.conv2d_true(torch.arange(9.0).reshape(3, 3), torch.tensor([[0.0, 1.0], [2.0, 3.0]]))


@pytest.mark.weight(3)
def test_rectangular_input_and_kernel(check, draw):
    """Both axes of the kernel are flipped, whatever its shape."""
    check.conv2d_true(draw.normal(7, 10), draw.normal(3, 2))
    check.conv2d_true(draw.normal(6, 5), draw.normal(1, 4))
    check.conv2d_true(draw.normal(6, 5), draw.normal(4, 1))
    X = draw.normal(draw.number(4, 8), draw.number(9, 14))
    check.conv2d_true(X, draw.normal(draw.number(2, 4), draw.number(5, 8)))


@pytest.mark.weight(2)
@pytest.mark.proves("trade places")
def test_full_mode_commutes(student, expect, draw):
    """f ∗ g = g ∗ f, when the image is padded so that every overlap counts."""
    f, g = draw.normal(4, 5), draw.normal(3, 2)
    left = student.conv2d_true(F.pad(f, (1, 1, 2, 2)), g)
    right = student.conv2d_true(F.pad(g, (4, 4, 3, 3)), f)
    expect.near(left, expect.tensor(right, (6, 6), "g ∗ f"), 1e-4, "f ∗ g")


@pytest.mark.weight(0.25)
@pytest.mark.proves("unchanged")
def test_arguments_stay_as_they_are(check, draw):
    """Views as inputs, two calls in a row; the caller's kernel is not flipped in place."""
    X, K = draw.normal(6, 6), draw.normal(3, 2)
    check.conv2d_true(X, K)
    check.conv2d_true(X, K)
    two = [(draw.view(5, 7), draw.view(2, 3)) for _ in range(2)]
    check.conv2d_true.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function."""
    check.conv2d_true.gradients(
        draw.normal(5, 4, dtype=torch.float64), draw.normal(2, 3, dtype=torch.float64)
    )


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """Integer and float64 tensors keep their dtype."""
    X, K = draw.normal(5, 4, dtype=torch.float64), draw.normal(2, 3, dtype=torch.float64)
    check.conv2d_true(X, K)
    check.conv2d_true(draw.integers(5, 4), draw.integers(2, 3))


@pytest.mark.weight(0.25)
@pytest.mark.proves("a kernel taller or wider than X")
def test_oversized_kernel_is_refused(student, refuses, draw):
    """A kernel that does not fit into the image raises an error."""
    student.conv2d_true(draw.normal(3, 3), draw.normal(3, 2))
    refuses.conv2d_true(draw.normal(3, 3), draw.normal(4, 2))


@pytest.mark.weight(0.25)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    X = draw.normal(draw.number(4, 7), draw.number(9, 20))
    check.conv2d_true.on_meta(X, draw.normal(3, 2))


@pytest.mark.weight(0.25)
@pytest.mark.proves("without any element")
def test_empty_tensors_are_refused(student, refuses, draw):
    """A kernel or an image without any element raises an error."""
    student.conv2d_true(draw.normal(4, 5), draw.normal(2, 3))
    refuses.conv2d_true(draw.normal(draw.number(3, 9), 5), draw.normal(0, 3))
    refuses.conv2d_true(draw.normal(draw.number(3, 9), 5), draw.normal(2, 0))
    refuses.conv2d_true(draw.normal(0, 5), draw.normal(0, 3))


@pytest.mark.weight(0.25)
@pytest.mark.proves("not two-dimensional")
def test_other_dimensions_are_refused(student, refuses, draw):
    """An image or a kernel that is not two-dimensional raises an error."""
    student.conv2d_true(draw.normal(4, 5), draw.normal(2, 3))
    refuses.conv2d_true(draw.normal(draw.number(3, 6), 4, 5), draw.normal(2, 3))
    refuses.conv2d_true(draw.normal(draw.number(3, 6), 5), draw.normal(1, 2, 3))
