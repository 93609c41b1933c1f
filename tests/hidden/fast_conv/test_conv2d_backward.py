"""conv2d_backward(grad, X, W, stride=1, padding=0) -> (dX, dW, db): the gradients of
⟨conv2d(X, W, b), grad⟩. The three parts are graded apart."""

import pytest
import torch
import torch.nn.functional as F

pytestmark = pytest.mark.question("conv2d_backward")

DX, DW, DB = range(3)
NAMES = ("dX", "dW", "db")


def gradients(grad, X, W, stride, padding):
    """The right answer, by torch's autograd in double precision."""
    b = torch.zeros(W.shape[0])
    leaves = [tensor.double().requires_grad_() for tensor in (X, W, b)]
    return torch.autograd.grad(F.conv2d(*leaves, stride, padding), leaves, grad.double())


def held(student, expect, part, grad, X, W, stride=1, padding=0):
    """Hold one part of the answer against the right one.

    The tolerance is the judge's for sums of products, 8·eps·(Σ|x||y| + ‖x‖₂·‖y‖₂), with the
    part's largest sum for all its elements.
    """
    answer = student.conv2d_backward(grad, X, W, stride, padding)
    given = expect.sequence(answer, 3, "answer")[part]
    sums = gradients(grad.abs(), X.abs(), W.abs(), stride, padding)[part].max()
    norms = grad.norm() * max(X.norm(), W.norm())
    within = 8 * torch.finfo(X.dtype).eps * float(sums + norms)
    expect.near(given, gradients(grad, X, W, stride, padding)[part], within, NAMES[part])


@pytest.mark.visibility("visible")
def test_worked_example(check):
    """A 3×3 image, a 2×2 kernel, and a gradient with both signs."""
    check.conv2d_backward(
        torch.tensor([[[[1.0, -1.0], [0.0, 2.0]]]]), torch.arange(9.0).reshape(1, 1, 3, 3),
        torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]]),
    )


@pytest.mark.weight(2)
def test_dx_plain(student, expect, draw):
    """dX without strides or padding: several images and channels, rectangular kernels."""
    held(student, expect, DX, draw.normal(2, 4, 5, 9), draw.normal(2, 3, 7, 10),
         draw.normal(4, 3, 3, 2))
    c, k, height, width = draw.number(2, 4), draw.number(5, 6), draw.number(3, 4), draw.number(5, 7)
    held(student, expect, DX, draw.normal(3, k, height, width),
         draw.normal(3, c, height + 1, width + 2), draw.normal(k, c, 2, 3))


@pytest.mark.weight(2)
@pytest.mark.proves("ints or pairs", "separately")
def test_dx_padding(student, expect, draw):
    """dX has the shape of X, not of the padded X, whichever axes are padded."""
    held(student, expect, DX, draw.normal(2, 4, 6, 7), draw.normal(2, 3, 6, 7),
         draw.normal(4, 3, 3, 3), 1, 1)
    held(student, expect, DX, draw.normal(2, 4, 7, 9), draw.normal(2, 3, 5, 10),
         draw.normal(4, 3, 3, 2), 1, (2, 0))


@pytest.mark.weight(2)
@pytest.mark.proves("ints or pairs")
def test_dx_strides(student, expect, draw):
    """dX with strides, also where no window covers the last rows and columns."""
    held(student, expect, DX, draw.normal(2, 4, 4, 3), draw.normal(2, 3, 8, 10),
         draw.normal(4, 3, 3, 2), (2, 3), (1, 0))
    held(student, expect, DX, draw.normal(3, 3, 2, 5), draw.normal(3, 2, 7, 11),
         draw.normal(3, 2, 3, 2), (3, 2), (0, 0))


@pytest.mark.weight(2)
def test_dw_plain(student, expect, draw):
    """dW without strides or padding, added up over the batch."""
    held(student, expect, DW, draw.normal(2, 4, 5, 9), draw.normal(2, 3, 7, 10),
         draw.normal(4, 3, 3, 2))
    c, k, height, width = draw.number(2, 4), draw.number(5, 6), draw.number(3, 4), draw.number(5, 7)
    held(student, expect, DW, draw.normal(3, k, height, width),
         draw.normal(3, c, height + 1, width + 2), draw.normal(k, c, 2, 3))


@pytest.mark.weight(2)
@pytest.mark.proves("separately")
def test_dw_strides_and_padding(student, expect, draw):
    """dW with strides and padding that differ between the axes."""
    held(student, expect, DW, draw.normal(2, 4, 4, 3), draw.normal(2, 3, 8, 10),
         draw.normal(4, 3, 3, 2), (2, 3), (1, 0))
    held(student, expect, DW, draw.normal(3, 2, 6, 3), draw.normal(3, 4, 5, 6),
         draw.normal(2, 4, 2, 4), (1, 2), (1, 1))


@pytest.mark.weight(2)
@pytest.mark.proves("separately")
def test_db(student, expect, draw):
    """db: one number for each output channel, added up over batch, rows and columns."""
    held(student, expect, DB, draw.normal(3, 4, 3, 5), draw.normal(3, 2, 5, 6),
         draw.normal(4, 2, 3, 2))
    k = draw.number(5, 7)
    held(student, expect, DB, draw.normal(2, k, 4, 3), draw.normal(2, 3, 5, 5),
         draw.normal(k, 3, 2, 3))


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Transposed, channels-last and sliced inputs, two calls in a row; inputs stay unchanged."""
    grad, X = draw.normal(2, 4, 5, 4).transpose(2, 3), draw.normal(2, 3, 6, 6).transpose(2, 3)
    W = draw.normal(6, 3, 3, 4)[1:5, :, :, 1:3]
    check.conv2d_backward(grad.to(memory_format=torch.channels_last), X, W)
    check.conv2d_backward(grad, X, W)
    shapes = (2, 4, 4, 5), (2, 3, 6, 6), (4, 3, 3, 2)
    two = [[draw.view(*shape) for shape in shapes] for _ in range(2)]
    check.conv2d_backward.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision, for all three gradients."""
    grad, X, W = (draw.normal(*shape, dtype=torch.float64)
                  for shape in ((2, 4, 3, 2), (2, 3, 6, 5), (4, 3, 3, 2)))
    check.conv2d_backward(grad, X, W, 2, (1, 0))


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    c = draw.number(5, 20)
    check.conv2d_backward.on_meta(draw.normal(2, 4, 3, 2), draw.normal(2, c, 6, 5),
                                  draw.normal(4, c, 3, 2), 2, (1, 0))


@pytest.mark.weight(0.5)
@pytest.mark.proves("empty batch")
def test_empty_batch(check, draw):
    """An empty batch: dX of shape (0, C, H, W), and zeros for dW and db."""
    check.conv2d_backward(draw.normal(0, 4, 3, 2), draw.normal(0, 3, 6, 5), draw.normal(4, 3, 3, 2),
                          2, (1, 0))


@pytest.mark.weight(0.5)
@pytest.mark.proves("the shape of the output", "different numbers of channels")
def test_gradients_that_do_not_fit_are_refused(student, refuses, draw):
    """A grad that is not shaped like the output, or channels that do not match, raise an error."""
    X, W = draw.normal(1, 3, 5, 6), draw.normal(4, 3, 3, 2)
    student.conv2d_backward(draw.normal(1, 4, 3, 5), X, W)
    refuses.conv2d_backward(draw.normal(1, 4, 2, 4), X, W)
    refuses.conv2d_backward(draw.normal(1, 4, 5, 6), X, W)
    refuses.conv2d_backward(draw.normal(1, 4, 3, 5), X, draw.normal(4, 2, 3, 2))
