"""pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
X (N, C, H, W) -> (N, C, H', W')."""

import pytest
import torch

pytestmark = pytest.mark.question("pool2d_full")


@pytest.mark.visibility("visible")
def test_textbook_examples(check):
    """The image 0, 1, …, 15 with a 3×3 window, and with a second channel."""
    X = torch.arange(16.0).reshape(1, 1, 4, 4)
    check.pool2d_full(X, 3)
    check.pool2d_full(X, 3, 2, 1)
    check.pool2d_full(torch.cat((X, X + 1), 1), 3, 2, 1)


@pytest.mark.weight(3)
def test_maximum(check, draw):
    """Maxima of every channel of every image, with strides and padding of their own."""
    check.pool2d_full(draw.normal(2, 3, 8, 9) - 2.5, (3, 2), (2, 3), (1, 1))
    check.pool2d_full(draw.normal(3, 2, 7, 10), (2, 3), (3, 1))
    X = draw.normal(2, draw.number(2, 4), draw.number(6, 9), draw.number(10, 13))
    check.pool2d_full(X - 2.5, (2, 3), (draw.number(3, 4), 2))


@pytest.mark.weight(3)
def test_average(check, draw):
    """Averages of every channel of every image, with strides and padding of their own."""
    check.pool2d_full(draw.normal(2, 3, 8, 9), (3, 2), (2, 3), (1, 1), "avg")
    check.pool2d_full(draw.normal(3, 2, 7, 10), (2, 3), (3, 1), (0, 0), "avg")
    X = draw.normal(2, draw.number(2, 4), draw.number(6, 9), draw.number(10, 13))
    check.pool2d_full(X, (2, 3), (draw.number(3, 4), 2), (0, 0), "avg")


@pytest.mark.weight(2)
def test_dark_images(check, draw):
    """Padding is never the maximum: negative images have negative maxima, also at the border."""
    X = -1 - draw.normal(2, 3, 7, 6).abs()
    check.pool2d_full(X, (3, 3), (2, 2), (1, 1))
    check.pool2d_full(1000 * X, (2, 4), (2, 3), (1, 2))


@pytest.mark.weight(2)
def test_stride_defaults_to_the_kernel(check, draw):
    """Without a stride, windows lie side by side."""
    check.pool2d_full(draw.normal(2, 3, 10, 8), (3, 3))
    check.pool2d_full(draw.normal(2, 3, 8, 11), (2, 3), None, (0, 0), "avg")


@pytest.mark.weight(2)
def test_strides(check, draw):
    """Overlapping windows and windows with gaps; windows that do not fit are left out."""
    X = draw.normal(2, 3, 9, 12)
    check.pool2d_full(X, (3, 3), (1, 2))
    check.pool2d_full(X, (2, 2), (3, 5))
    check.pool2d_full(X, (3, 4), (4, 3), (0, 0), "avg")


@pytest.mark.weight(2)
def test_padding(check, draw):
    """Padding counts per side, for height and width separately."""
    X = draw.normal(2, 3, 6, 8) - 1
    check.pool2d_full(X, (4, 3), (1, 1), (2, 1))
    check.pool2d_full(X, (3, 2), (2, 2), (0, 1))
    check.pool2d_full(X, (2, 4), (2, 1), (1, 2), "avg", True)


@pytest.mark.weight(2)
def test_padding_left_out_of_averages(check, draw):
    """With count_include_pad=False an average is over the pixels of the image alone."""
    check.pool2d_full(draw.normal(2, 3, 8, 9), (3, 2), (2, 3), (1, 1), "avg", False)
    black_and_bright = draw.normal(2, 3, 6, 5).clamp(min=0)
    check.pool2d_full(black_and_bright, (4, 5), (1, 1), (2, 1), "avg", False)


@pytest.mark.proves("any mixture")
def test_ints_and_pairs(check, draw):
    """Sizes are ints or pairs, in any mixture."""
    X = draw.normal(2, 3, 8, 7)
    check.pool2d_full(X, 3, (2, 1), 0)
    check.pool2d_full(X, (2, 3), 2, 1, "avg")


@pytest.mark.weight(2)
@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through both modes."""
    X = draw.normal(2, 3, 5, 6, dtype=torch.float64)
    check.pool2d_full.gradients(X, (3, 2), (2, 1))
    check.pool2d_full.gradients(X, (3, 2), (2, 1), (0, 0), "avg")
    check.pool2d_full.gradients(X, (3, 2), (2, 1), (1, 0), "avg", False)


@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Transposed, sliced and channels-last images, two calls in a row; images stay unchanged."""
    X = draw.normal(2, 3, 6, 8)
    for view in (X.permute(1, 0, 3, 2), X[:, 1:, 1:6, 2:],
                 X.to(memory_format=torch.channels_last)):
        for mode in ("max", "avg", "max"):
            check.pool2d_full(view, (2, 3), (2, 1), (0, 0), mode)
    for mode in ("max", "avg"):
        options = (2, 3), (2, 1), (0, 0), mode
        two = [(draw.view(2, 3, 6, 8), *options) for _ in range(2)]
        check.pool2d_full.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.proves("in dtype and device")
def test_whole_numbers(check, draw):
    """The maximum of integers is an integer, with padding too."""
    check.pool2d_full(draw.integers(2, 3, 5, 6, high=-1), (3, 2), (2, 2), (1, 1))


@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    X = draw.normal(2, 3, 5, 6, dtype=torch.float64)
    check.pool2d_full(X, (3, 2), (2, 2))
    check.pool2d_full(X, (3, 2), (2, 2), (0, 0), "avg")
    check.pool2d_full(X, (3, 2), (2, 2), (1, 1), "avg", False)


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    # Of rows and columns none is left over.
    X = draw.normal(2, 3, 2 * draw.number(2, 4) + 1, 2 * draw.number(5, 12))
    check.pool2d_full.on_meta(X, (3, 2), (2, 2), (1, 1))
    check.pool2d_full.on_meta(X, (3, 2), (2, 2), (1, 1), "avg")
    check.pool2d_full.on_meta(X, (3, 2), (2, 2), (1, 1), "avg", False)


@pytest.mark.weight(0.5)
@pytest.mark.proves("empty batch")
def test_empty_batch(check, draw):
    """An empty batch gives an empty batch."""
    # Of rows and columns one is left over.
    X = draw.normal(0, draw.number(2, 5), 2 * draw.number(3, 8), 2 * draw.number(2, 9) + 1)
    check.pool2d_full(X, (3, 2), (2, 2), (1, 1))
    check.pool2d_full(X, (3, 2), (2, 2), (1, 1), "avg", False)


@pytest.mark.weight(0.5)
@pytest.mark.proves("any other mode")
def test_unknown_mode_is_refused(student, refuses, draw):
    """A mode that does not exist raises an error."""
    X = draw.normal(2, 3, 4, 4)
    student.pool2d_full(X, (2, 2), (2, 2), (1, 1), "max")
    refuses.pool2d_full(X, (2, 2), (2, 2), (1, 1), "median")


@pytest.mark.weight(0.5)
@pytest.mark.proves("larger than the padded image")
def test_oversized_kernel_is_refused(student, refuses, draw):
    """A kernel larger than the padded image raises an error."""
    X = draw.normal(2, 3, 3, 4)
    student.pool2d_full(X, (5, 2), (1, 1), (1, 0), "max")
    refuses.pool2d_full(X, (4, 2), (1, 1), (0, 1), "max")
    refuses.pool2d_full(X, (2, 5), (1, 1), (1, 0), "avg")


@pytest.mark.weight(0.5)
@pytest.mark.proves("a negative padding")
def test_negative_padding_is_refused(student, refuses, draw):
    """A negative padding raises an error."""
    X = draw.normal(2, 3, 6, 6)
    student.pool2d_full(X, (2, 2), (2, 2), (0, 0), "max")
    refuses.pool2d_full(X, (2, 2), (2, 2), (-1, -1), "max")


@pytest.mark.weight(0.5)
@pytest.mark.proves("two dimensions")
def test_single_plane_is_refused(student, refuses, draw):
    """An image without batch and channels, of two dimensions, raises an error."""
    student.pool2d_full(draw.normal(1, 1, 4, 4), (2, 2))
    refuses.pool2d_full(draw.normal(4, 4), (2, 2))


@pytest.mark.weight(0.5)
@pytest.mark.proves("a stride below 1")
def test_strides_below_one_are_refused(student, refuses, draw):
    """A stride below one, along either axis, raises an error."""
    X = draw.normal(2, 3, 6, 7)
    student.pool2d_full(X, (2, 2), 1)
    for stride in (0, -1, (1, 0), (-2, 1)):
        refuses.pool2d_full(X, (2, 2), stride)
