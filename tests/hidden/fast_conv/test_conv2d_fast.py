"""conv2d_fast(X, W, b=None, stride=1, padding=0): X (N, C, H, W), W (C_out, C, kh, kw), b (C_out,)
-> (N, C_out, H', W'), without a Python loop over pixels."""

import pytest
import torch

pytestmark = pytest.mark.question("conv2d_fast")


@pytest.mark.visibility("visible")
def test_worked_example(check):
    """The image 0, 1, …, 15 through a 3×3 window of ones: stride 2, padding 1, bias 0.5."""
    check.conv2d_fast(torch.arange(16.0).reshape(1, 1, 4, 4), torch.ones(1, 1, 3, 3),
                      torch.tensor([0.5]), stride=2, padding=1)


@pytest.mark.weight(3)
def test_batches_and_channels(check, draw):
    """Several images, channels and kernels, all numbers different, no bias."""
    check.conv2d_fast(draw.normal(2, 3, 7, 10), draw.normal(4, 3, 3, 2))
    check.conv2d_fast(draw.normal(3, 2, 6, 5), draw.normal(5, 2, 2, 4))
    c = draw.number(2, 4)
    check.conv2d_fast(draw.normal(draw.number(2, 4), c, draw.number(5, 8), draw.number(9, 12)),
                      draw.normal(draw.number(5, 7), c, draw.number(2, 3), 4))


@pytest.mark.weight(2)
@pytest.mark.proves("ints or pairs")
def test_strides_and_padding(check, draw):
    """Each axis has its own stride and its own padding."""
    check.conv2d_fast(draw.normal(2, 3, 7, 10), draw.normal(4, 3, 3, 2), stride=(2, 3),
                      padding=(1, 0))
    check.conv2d_fast(draw.normal(2, 3, 8, 5), draw.normal(3, 3, 2, 4), stride=(1, 2),
                      padding=(2, 1))


@pytest.mark.weight(2)
def test_bias(check, draw):
    """The bias adds one number to each output channel, whatever the width of the answer."""
    check.conv2d_fast(draw.normal(2, 3, 5, 6), draw.normal(4, 3, 2, 2), draw.normal(4), padding=1)
    check.conv2d_fast(draw.normal(2, 2, 5, 6), draw.normal(5, 2, 3, 2), draw.normal(5))


def test_extreme_kernels(check, draw):
    """A 1×1 kernel, and a kernel as large as the padded image."""
    check.conv2d_fast(draw.normal(2, 3, 4, 5), draw.normal(4, 3, 1, 1))
    check.conv2d_fast(draw.normal(2, 3, 3, 4), draw.normal(4, 3, 5, 4), padding=(1, 0))


@pytest.mark.weight(0.5)
@pytest.mark.proves("no Python loop")
def test_no_loop_over_pixels(check, draw):
    """No Python loop over pixels: the number of steps does not grow with the image."""
    small, W, b = draw.normal(1, 2, 5, 6), draw.normal(3, 2, 2, 3), draw.normal(3)
    check.conv2d_fast.without_pixel_loops((small, W, b), (draw.normal(1, 2, 60, 6), W, b))
    check.conv2d_fast.without_pixel_loops((small, W, b), (draw.normal(1, 2, 5, 60), W, b))


@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function, for image, kernels and bias."""
    check.conv2d_fast.gradients(draw.normal(2, 2, 5, 6), draw.normal(3, 2, 3, 2), draw.normal(3),
                                stride=(2, 1), padding=(1, 0))


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Transposed, channels-last and sliced inputs, two calls in a row; inputs stay unchanged."""
    X, W = draw.normal(2, 3, 7, 6).transpose(2, 3), draw.normal(4, 3, 2, 3).transpose(2, 3)
    check.conv2d_fast(X, W)
    check.conv2d_fast(draw.normal(2, 3, 5, 6).to(memory_format=torch.channels_last),
                      draw.normal(5, 4, 4, 4)[1:3, :3, 1:3, 2:], draw.normal(4)[1:3])
    two = [(draw.view(2, 3, 6, 7), draw.view(4, 3, 3, 2), draw.view(4)) for _ in range(2)]
    check.conv2d_fast.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    check.conv2d_fast(
        draw.normal(2, 2, 5, 6, dtype=torch.float64), draw.normal(3, 2, 3, 2, dtype=torch.float64)
    )


@pytest.mark.weight(0.5)
@pytest.mark.proves("whole numbers")
def test_whole_numbers(check, draw):
    """int64 in, int64 out, and exact."""
    check.conv2d_fast(draw.integers(2, 2, 5, 6), draw.integers(3, 2, 3, 2), draw.integers(3))
    check.conv2d_fast(draw.integers(2, 2, 5, 6), draw.integers(3, 2, 3, 2))


@pytest.mark.weight(0.25)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    c = draw.number(5, 20)
    check.conv2d_fast.on_meta(draw.normal(2, c, 5, 4), draw.normal(3, c, 3, 2), draw.normal(3))


@pytest.mark.weight(0.5)
@pytest.mark.proves("empty batch")
def test_empty_batch(check, draw):
    """An empty batch gives an answer of shape (0, C_out, H', W')."""
    check.conv2d_fast(draw.normal(0, 2, 5, 6), draw.normal(3, 2, 3, 2), draw.normal(3))


@pytest.mark.weight(0.25)
@pytest.mark.proves("larger than the padded image")
def test_oversized_kernel_is_refused(student, refuses, draw):
    """A kernel larger than the padded image raises an error."""
    student.conv2d_fast(draw.normal(1, 2, 3, 3), draw.normal(4, 2, 3, 2))
    refuses.conv2d_fast(draw.normal(1, 2, 3, 3), draw.normal(4, 2, 4, 2))
    refuses.conv2d_fast(draw.normal(1, 2, 3, 3), draw.normal(4, 2, 2, 6), padding=1)


@pytest.mark.weight(0.25)
@pytest.mark.proves("different numbers of channels")
def test_mismatched_channels_are_refused(student, refuses, draw):
    """Images and kernels with different numbers of channels raise an error."""
    X, W = draw.normal(1, 3, 5, 5), draw.normal(4, 3, 2, 2)
    student.conv2d_fast(X, W)
    refuses.conv2d_fast(X, draw.normal(4, 2, 2, 2))
    refuses.conv2d_fast(draw.normal(1, 1, 5, 5), W)


@pytest.mark.weight(0.25)
@pytest.mark.proves("a stride below 1", "a negative padding")
def test_negative_numbers_are_refused(student, refuses, draw):
    """A negative stride or a negative padding raises an error."""
    X, W = draw.normal(1, 3, 5, 5), draw.normal(4, 3, 2, 2)
    student.conv2d_fast(X, W, padding=1)
    refuses.conv2d_fast(X, W, stride=-1)
    refuses.conv2d_fast(X, W, padding=-1)
