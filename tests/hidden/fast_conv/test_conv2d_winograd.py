"""conv2d_winograd(X, W, b=None, padding=0): the convolution of stride 1 with 3×3 kernels, four
outputs from 16 products, for floating-point images of any size.

The judge's usual tolerance is fair here. F(2×2, 3×3) lets a tile's pixels and weights reach an
output through |Aᵀ|, |Bᵀ| and |G|, which as a bilinear form has the norm 3.06² = 9.4: every rounding
moves the output by at most 9.4·eps·‖tile‖₂·‖kernel‖₂. The bound's 8·eps·‖x‖₂·‖w‖₂ counts the whole
batch and all kernels; measured over thousands of draws, an answer uses at most an eighth of it.
"""

import pytest
import torch

pytestmark = pytest.mark.question("conv2d_winograd")


@pytest.mark.visibility("visible")
def test_worked_example(check):
    """The image 0, 1, …, 15 and a 3×3 kernel of ones: one tile, four outputs."""
    check.conv2d_winograd(torch.arange(16.0).reshape(1, 1, 4, 4), torch.ones(1, 1, 3, 3))


@pytest.mark.weight(3)
def test_whole_tiles(check, draw):
    """Several images, channels and kernels, where the outputs fill tiles of 2×2."""
    check.conv2d_winograd(draw.normal(2, 3, 6, 8), draw.normal(4, 3, 3, 3))
    check.conv2d_winograd(draw.normal(3, 2, 10, 4), draw.normal(5, 2, 3, 3))
    c = draw.number(2, 4)
    X = draw.normal(draw.number(2, 4), c, 2 * draw.number(2, 4), 2 * draw.number(5, 6))
    check.conv2d_winograd(X, draw.normal(draw.number(5, 7), c, 3, 3))


@pytest.mark.weight(3)
def test_odd_outputs(check, draw):
    """An odd number of output rows, of columns, or of both."""
    check.conv2d_winograd(draw.normal(2, 3, 7, 8), draw.normal(4, 3, 3, 3))
    check.conv2d_winograd(draw.normal(2, 3, 6, 9), draw.normal(4, 3, 3, 3))
    check.conv2d_winograd(draw.normal(3, 2, 5, 7), draw.normal(5, 2, 3, 3))


def test_smallest_outputs(check, draw):
    """A single output, a single row of outputs, and a single column."""
    for height, width in ((3, 3), (3, 8), (7, 3)):
        check.conv2d_winograd(draw.normal(2, 3, height, width), draw.normal(4, 3, 3, 3))


@pytest.mark.weight(2)
@pytest.mark.proves("an int or a pair")
def test_padding(check, draw):
    """Zero padding on all sides, different for each axis."""
    check.conv2d_winograd(draw.normal(2, 3, 5, 6), draw.normal(4, 3, 3, 3), padding=1)
    check.conv2d_winograd(draw.normal(2, 3, 1, 6), draw.normal(4, 3, 3, 3), padding=(2, 0))


@pytest.mark.weight(2)
def test_bias(check, draw):
    """The bias adds one number to each output channel."""
    check.conv2d_winograd(draw.normal(2, 3, 5, 6), draw.normal(4, 3, 3, 3), draw.normal(4),
                          padding=(0, 1))
    check.conv2d_winograd(draw.normal(2, 2, 7, 6), draw.normal(4, 2, 3, 3), draw.normal(4))


@pytest.mark.weight(2)
@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function, for image, kernels and bias."""
    check.conv2d_winograd.gradients(draw.normal(2, 2, 5, 6), draw.normal(3, 2, 3, 3),
                                    draw.normal(3), padding=(1, 0))


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Transposed, channels-last and sliced inputs, two calls in a row; inputs stay unchanged."""
    X, W = draw.normal(2, 3, 7, 6).transpose(2, 3), draw.normal(4, 3, 3, 3).transpose(2, 3)
    check.conv2d_winograd(X, W)
    check.conv2d_winograd(draw.normal(2, 3, 5, 6).to(memory_format=torch.channels_last),
                          draw.normal(5, 4, 4, 5)[1:3, :3, 1:, 2:], draw.normal(4)[1:3])
    two = [(draw.view(2, 3, 6, 7), draw.view(4, 3, 3, 3), draw.view(4)) for _ in range(2)]
    check.conv2d_winograd.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    check.conv2d_winograd(draw.normal(2, 2, 5, 6, dtype=torch.float64),
                          draw.normal(3, 2, 3, 3, dtype=torch.float64))


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    c = draw.number(5, 20)
    check.conv2d_winograd.on_meta(draw.normal(2, c, 6, 6), draw.normal(3, c, 3, 3), draw.normal(3))


@pytest.mark.weight(0.5)
@pytest.mark.proves("empty batch")
def test_empty_batch(check, draw):
    """An empty batch gives an answer of shape (0, C_out, H', W')."""
    check.conv2d_winograd(draw.normal(0, 2, 5, 6), draw.normal(3, 2, 3, 3), draw.normal(3))


@pytest.mark.weight(0.5)
@pytest.mark.proves("not 3×3")
def test_other_kernels_are_refused(student, refuses, draw):
    """A kernel that is not 3×3 raises an error."""
    X = draw.normal(1, 2, 6, 6)
    student.conv2d_winograd(X, draw.normal(3, 2, 3, 3))
    refuses.conv2d_winograd(X, draw.normal(3, 2, 3, 2))
    refuses.conv2d_winograd(X, draw.normal(3, 2, 5, 5))


@pytest.mark.weight(0.5)
@pytest.mark.proves("smaller than that")
def test_oversized_kernel_is_refused(student, refuses, draw):
    """A padded image smaller than 3×3 raises an error."""
    W = draw.normal(3, 2, 3, 3)
    student.conv2d_winograd(draw.normal(1, 2, 3, 4), W)
    refuses.conv2d_winograd(draw.normal(1, 2, 2, 6), W)
    refuses.conv2d_winograd(draw.normal(1, 2, 4, 1), W, padding=(1, 0))


@pytest.mark.weight(0.25)
@pytest.mark.proves("different numbers of channels")
def test_mismatched_channels_are_refused(student, refuses, draw):
    """Images and kernels with different numbers of channels raise an error."""
    X, W = draw.normal(1, 3, 5, 5), draw.normal(4, 3, 3, 3)
    student.conv2d_winograd(X, W)
    refuses.conv2d_winograd(X, draw.normal(4, 2, 3, 3))
    refuses.conv2d_winograd(draw.normal(1, 1, 5, 5), W)


@pytest.mark.weight(0.25)
@pytest.mark.proves("a negative padding")
def test_negative_padding_is_refused(student, refuses, draw):
    """A negative padding raises an error."""
    X, W = draw.normal(1, 3, 5, 5), draw.normal(4, 3, 3, 3)
    student.conv2d_winograd(X, W, padding=1)
    refuses.conv2d_winograd(X, W, padding=-1)
