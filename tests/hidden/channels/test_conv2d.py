"""conv2d(X, W, b=None, stride=1, padding=0): convolution of a batch,
X (N, C, H, W), W (C_out, C, kh, kw), b (C_out,) or None -> (N, C_out, H', W')."""

import pytest
import torch

pytestmark = pytest.mark.question("conv2d")


@pytest.mark.visibility("visible")
@pytest.mark.weight(2)
def test_small_example(check):
    """A 4×4 image, a 3×3 kernel of ones, padding 1, stride 2."""
    check.conv2d(torch.arange(16.0).reshape(1, 1, 4, 4), torch.ones(1, 1, 3, 3),
                 stride=2, padding=1)


@pytest.mark.weight(5)
def test_everything_at_once(check, draw):
    """Batch, channels, bias, stride and padding, with nothing square and nothing equal."""
    check.conv2d(draw.normal(2, 3, 7, 10), draw.normal(4, 3, 3, 2), draw.normal(4),
                 stride=(2, 3), padding=(1, 0))
    check.conv2d(draw.normal(2, 3, 8, 5), draw.normal(3, 3, 2, 4), draw.normal(3),
                 stride=(1, 2), padding=(2, 1))


@pytest.mark.weight(3)
def test_defaults(check, draw):
    """Without bias, stride and padding: every image of the batch, every output channel."""
    check.conv2d(draw.normal(3, 2, 6, 7), draw.normal(4, 2, 3, 2))
    check.conv2d(draw.normal(1, 2, 6, 7), draw.normal(1, 2, 2, 3))
    c = draw.number(2, 4)
    check.conv2d(draw.normal(draw.number(2, 5), c, draw.number(5, 8), draw.number(9, 12)),
                 draw.normal(draw.number(5, 7), c, draw.number(2, 3), 4))


@pytest.mark.weight(2)
def test_bias(check, draw):
    """Each output channel has its own bias, added once to every pixel of its map."""
    # As many output channels as columns, then as rows: a bias on the wrong axis goes unnoticed.
    check.conv2d(draw.normal(2, 3, 5, 6), draw.normal(4, 3, 3, 3), draw.normal(4))
    check.conv2d(draw.normal(2, 3, 4, 6), draw.normal(3, 3, 2, 2), draw.normal(3))


@pytest.mark.weight(2)
def test_strides(check, draw):
    """Strides that differ, that do not divide the size, and that step over pixels."""
    for stride in (2, 3, (1, 2), (3, 1), (2, 5)):
        check.conv2d(draw.normal(2, 2, 8, 9), draw.normal(3, 2, 3, 2), stride=stride)


@pytest.mark.weight(2)
def test_paddings(check, draw):
    """Padding adds zeros on both sides of each axis, as many as that axis asks for."""
    for padding in (1, 2, (0, 1), (2, 0), (1, 3)):
        check.conv2d(draw.normal(2, 2, 4, 6), draw.normal(3, 2, 3, 2), padding=padding)


@pytest.mark.proves("as long as it fits")
def test_kernel_that_fits_after_padding(check, draw):
    """A kernel larger than the image is accepted if it fits into the padded image."""
    check.conv2d(draw.normal(2, 3, 2, 5), draw.normal(2, 3, 4, 3), padding=1)
    check.conv2d(draw.normal(2, 3, 3, 2), draw.normal(2, 3, 3, 4), stride=2, padding=1)


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_whole_numbers(check, draw):
    """Integer tensors give exact answers, however large the numbers."""
    check.conv2d(draw.integers(2, 2, 6, 5, low=-9999, high=9999),
                 draw.integers(3, 2, 2, 3, low=-9999, high=9999),
                 draw.integers(3), stride=(2, 1), padding=(0, 1))
    check.conv2d(draw.integers(2, 2, 6, 5), draw.integers(3, 2, 2, 3))


@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function, for images and weights."""
    check.conv2d.gradients(
        draw.normal(2, 3, 5, 6, dtype=torch.float64), draw.normal(2, 3, 2, 3, dtype=torch.float64),
        stride=(2, 1), padding=(0, 1),
    )


@pytest.mark.proves("differentiable")
def test_gradient_of_the_bias(check, draw):
    """The bias gets its gradient, too: the sum over all images and pixels of its channel."""
    check.conv2d.gradients(draw.normal(2, 3, 4, 5), draw.normal(2, 3, 3, 2), draw.normal(2))


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Permuted and sliced inputs, two calls in a row; the inputs stay unchanged."""
    X = draw.normal(2, 3, 5, 6).contiguous(memory_format=torch.channels_last)
    W = draw.normal(3, 5, 2, 6).transpose(0, 1)[1:, :, :, ::2]
    check.conv2d(X, W, draw.normal(8)[::2], padding=(1, 0))
    two = [(draw.view(2, 3, 5, 6), draw.view(4, 3, 2, 3), draw.view(4)) for _ in range(2)]
    check.conv2d.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("empty batch")
def test_empty_batch(check, draw):
    """An empty batch gives an empty answer of the right shape."""
    check.conv2d(draw.normal(0, 3, 7, 10), draw.normal(4, 3, 3, 2), stride=(2, 3), padding=(1, 0))


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    # Without a bias, which would make doubles of a float32 answer.
    check.conv2d(draw.normal(2, 3, 5, 7, dtype=torch.float64),
                 draw.normal(2, 3, 3, 2, dtype=torch.float64), stride=(1, 2), padding=1)


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    c = draw.number(5, 20)
    check.conv2d.on_meta(draw.normal(2, c, 5, 7), draw.normal(4, c, 3, 2), draw.normal(4),
                         stride=2, padding=1)


@pytest.mark.weight(0.5)
@pytest.mark.proves("another number of input channels", "a W that is not four-dimensional")
def test_different_numbers_of_channels_are_refused(student, refuses, draw):
    """Weights for another number of input channels, or without an axis for it, raise an error."""
    student.conv2d(draw.normal(2, 3, 5, 6), draw.normal(4, 3, 2, 3))
    for image, kernel in ((3, 2), (2, 3), (3, 1), (1, 3)):
        refuses.conv2d(draw.normal(2, image, 5, 6), draw.normal(4, kernel, 2, 3))
    refuses.conv2d(draw.normal(2, 3, 5, 6), draw.normal(3, 2, 3))


@pytest.mark.weight(0.5)
@pytest.mark.proves("a b of another shape")
def test_bias_of_another_length_is_refused(student, refuses, draw):
    """A bias whose length is not the number of output channels raises an error."""
    student.conv2d(draw.normal(2, 3, 5, 6), draw.normal(4, 3, 2, 3), draw.normal(4))
    for length in (1, 3):
        refuses.conv2d(draw.normal(2, 3, 5, 6), draw.normal(4, 3, 2, 3), draw.normal(length))


@pytest.mark.weight(0.5)
@pytest.mark.proves("taller or wider")
def test_kernels_without_a_place_are_refused(student, refuses, draw):
    """A kernel larger than the padded image raises an error, whatever the stride."""
    student.conv2d(draw.normal(2, 3, 4, 5), draw.normal(2, 3, 6, 3), padding=1)
    refuses.conv2d(draw.normal(2, 3, 4, 5), draw.normal(2, 3, 5, 3))
    refuses.conv2d(draw.normal(2, 3, 4, 5), draw.normal(2, 3, 3, 6), stride=2)
    refuses.conv2d(draw.normal(2, 3, 4, 5), draw.normal(2, 3, 7, 3), padding=1)


@pytest.mark.weight(0.5)
@pytest.mark.proves("a stride below 1")
def test_strides_below_one_are_refused(student, refuses, draw):
    """A stride below one, along either axis, raises an error."""
    X, W = draw.normal(2, 3, 7, 8), draw.normal(4, 3, 2, 3)
    student.conv2d(X, W, stride=1)
    for stride in (0, -1, (1, 0), (0, 2)):
        refuses.conv2d(X, W, stride=stride)


@pytest.mark.weight(0.5)
@pytest.mark.proves("a negative padding")
def test_negative_paddings_are_refused(student, refuses, draw):
    """A negative padding, along either axis, raises an error."""
    X, W = draw.normal(2, 3, 7, 8), draw.normal(4, 3, 2, 3)
    student.conv2d(X, W, padding=0)
    for padding in (-1, (0, -1), (-1, 1)):
        refuses.conv2d(X, W, padding=padding)
