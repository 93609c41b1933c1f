"""conv2d_fft(X, W, b=None, padding=0): the convolution of stride 1 as a product of spectra, for
floating-point images and kernels of any size."""

import pytest
import torch

pytestmark = pytest.mark.question("conv2d_fft")


@pytest.mark.visibility("visible")
def test_worked_example(check):
    """The textbook's example: a 3×3 image and a 2×2 kernel."""
    check.conv2d_fft(torch.arange(9.0).reshape(1, 1, 3, 3),
                     torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]]))


@pytest.mark.weight(3)
def test_batches_and_channels(check, draw):
    """Several images, channels and kernels; heights and widths odd and even."""
    check.conv2d_fft(draw.normal(2, 3, 7, 10), draw.normal(4, 3, 3, 2))
    check.conv2d_fft(draw.normal(3, 2, 6, 9), draw.normal(5, 2, 2, 5))
    check.conv2d_fft(draw.normal(2, 2, 8, 8), draw.normal(2, 2, 3, 3))
    c = draw.number(2, 4)
    check.conv2d_fft(draw.normal(draw.number(2, 4), c, draw.number(5, 8), draw.number(9, 12)),
                     draw.normal(draw.number(5, 7), c, draw.number(2, 3), 4))


@pytest.mark.weight(2)
def test_large_kernels(check, draw):
    """Large kernels, up to the size of the image."""
    check.conv2d_fft(draw.normal(2, 2, 13, 12), draw.normal(3, 2, 9, 11))
    check.conv2d_fft(draw.normal(2, 3, 6, 7), draw.normal(4, 3, 6, 7))


@pytest.mark.weight(2)
@pytest.mark.proves("an int or a pair")
def test_padding(check, draw):
    """Zero padding that differs between the axes; nothing wraps around the border."""
    check.conv2d_fft(draw.normal(2, 3, 5, 6), draw.normal(4, 3, 3, 3), padding=1)
    check.conv2d_fft(draw.normal(2, 2, 4, 7), draw.normal(3, 2, 5, 4), padding=(2, 3))


@pytest.mark.weight(2)
def test_bias(check, draw):
    """The bias adds one number to each output channel."""
    check.conv2d_fft(draw.normal(2, 3, 5, 6), draw.normal(4, 3, 2, 2), draw.normal(4),
                     padding=(1, 0))
    check.conv2d_fft(draw.normal(2, 2, 6, 5), draw.normal(4, 2, 3, 2), draw.normal(4))


@pytest.mark.weight(2)
@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function, for image, kernels and bias."""
    check.conv2d_fft.gradients(draw.normal(2, 2, 5, 6), draw.normal(3, 2, 3, 2), draw.normal(3),
                               padding=(1, 0))


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Transposed, channels-last and sliced inputs, two calls in a row; inputs stay unchanged."""
    X, W = draw.normal(2, 3, 7, 6).transpose(2, 3), draw.normal(4, 3, 2, 3).transpose(2, 3)
    check.conv2d_fft(X, W)
    check.conv2d_fft(draw.normal(2, 3, 5, 6).to(memory_format=torch.channels_last),
                     draw.normal(5, 4, 4, 4)[1:3, :3, 1:3, 2:], draw.normal(4)[1:3])
    two = [(draw.view(2, 3, 6, 7), draw.view(4, 3, 3, 2), draw.view(4)) for _ in range(2)]
    check.conv2d_fft.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision: real numbers, not complex ones."""
    check.conv2d_fft(draw.normal(2, 2, 5, 6, dtype=torch.float64),
                     draw.normal(3, 2, 3, 2, dtype=torch.float64))


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    c = draw.number(5, 20)
    check.conv2d_fft.on_meta(draw.normal(2, c, 5, 6), draw.normal(3, c, 3, 2), draw.normal(3))


@pytest.mark.weight(0.5)
@pytest.mark.proves("larger than the padded image")
def test_oversized_kernel_is_refused(student, refuses, draw):
    """A kernel larger than the padded image raises an error, and does not wrap around."""
    student.conv2d_fft(draw.normal(1, 2, 3, 3), draw.normal(4, 2, 3, 2))
    refuses.conv2d_fft(draw.normal(1, 2, 3, 3), draw.normal(4, 2, 4, 2))
    refuses.conv2d_fft(draw.normal(1, 2, 3, 3), draw.normal(4, 2, 2, 6), padding=1)


@pytest.mark.weight(0.25)
@pytest.mark.proves("different numbers of channels")
def test_mismatched_channels_are_refused(student, refuses, draw):
    """Images and kernels with different numbers of channels raise an error."""
    X, W = draw.normal(1, 3, 5, 5), draw.normal(4, 3, 2, 2)
    student.conv2d_fft(X, W)
    refuses.conv2d_fft(X, draw.normal(4, 2, 2, 2))
    refuses.conv2d_fft(draw.normal(1, 1, 5, 5), W)


@pytest.mark.weight(0.25)
@pytest.mark.proves("a negative padding")
def test_negative_padding_is_refused(student, refuses, draw):
    """A negative padding raises an error."""
    X, W = draw.normal(1, 3, 5, 5), draw.normal(4, 3, 2, 2)
    student.conv2d_fft(X, W, padding=1)
    refuses.conv2d_fft(X, W, padding=-1)
