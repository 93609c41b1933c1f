"""conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1): channels in groups that do not see
each other; W (C_out, C / groups, kh, kw)."""

import pytest
import torch

pytestmark = pytest.mark.question("conv2d_grouped")


@pytest.mark.visibility("visible")
def test_worked_example(check):
    """Two channels, each with a 2×2 kernel of its own."""
    X = torch.arange(18.0).reshape(1, 2, 3, 3)
    W = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]], [[[1.0, 0.0], [0.0, -1.0]]]])
    check.conv2d_grouped(X, W, groups=2)


@pytest.mark.weight(2)
def test_one_group(check, draw):
    """groups=1, given or by default: an ordinary convolution, with strides, padding and bias."""
    check.conv2d_grouped(draw.normal(2, 3, 7, 10), draw.normal(4, 3, 3, 2), draw.normal(4),
                         stride=(2, 3), padding=(1, 0))
    check.conv2d_grouped(draw.normal(2, 2, 6, 5), draw.normal(5, 2, 2, 4), groups=1)


@pytest.mark.weight(3)
def test_several_groups(check, draw):
    """Two and three groups of several channels each."""
    check.conv2d_grouped(draw.normal(2, 4, 6, 7), draw.normal(6, 2, 3, 2), groups=2)
    check.conv2d_grouped(draw.normal(2, 9, 5, 6), draw.normal(6, 3, 2, 3), groups=3)
    groups, c = draw.number(2, 3), draw.number(2, 3)  # of each group
    X = draw.normal(2, groups * c, draw.number(5, 8), draw.number(9, 12))
    check.conv2d_grouped(X, draw.normal(groups * 4, c, 2, 3), groups=groups)


@pytest.mark.weight(2)
@pytest.mark.proves("depthwise")
def test_depthwise(check, draw):
    """One group for every input channel, with one output channel each or with several."""
    check.conv2d_grouped(draw.normal(2, 5, 6, 7), draw.normal(5, 1, 3, 2), groups=5)
    check.conv2d_grouped(draw.normal(2, 3, 6, 5), draw.normal(6, 1, 2, 3), groups=3)


@pytest.mark.weight(2)
@pytest.mark.proves("ints or pairs")
def test_strides_padding_and_bias(check, draw):
    """Groups together with strides, padding and bias."""
    check.conv2d_grouped(draw.normal(2, 4, 7, 10), draw.normal(6, 2, 3, 2), draw.normal(6),
                         stride=(2, 3), padding=(1, 0), groups=2)
    check.conv2d_grouped(draw.normal(2, 6, 8, 5), draw.normal(3, 2, 2, 4), draw.normal(3),
                         stride=(1, 2), padding=(2, 1), groups=3)


@pytest.mark.proves("differentiable")
def test_gradients(check, draw):
    """Autograd can differentiate through the function, for image, kernels and bias."""
    check.conv2d_grouped.gradients(draw.normal(2, 4, 5, 6), draw.normal(6, 2, 3, 2), draw.normal(6),
                                   stride=(2, 1), padding=(1, 0), groups=2)


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_views_and_repeated_calls(check, draw):
    """Transposed, channels-last and sliced inputs, two calls in a row; inputs stay unchanged."""
    X, W = draw.normal(2, 4, 7, 6).transpose(2, 3), draw.normal(6, 2, 2, 3).transpose(2, 3)
    check.conv2d_grouped(X, W, groups=2)
    check.conv2d_grouped(draw.normal(2, 4, 5, 6).to(memory_format=torch.channels_last),
                         draw.normal(5, 4, 4, 4)[1:3, 1:3, 1:3, 2:], draw.normal(4)[1:3], groups=2)
    two = [(draw.view(2, 4, 6, 7), draw.view(6, 2, 3, 2), draw.view(6), 1, 0, 2) for _ in range(2)]
    check.conv2d_grouped.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_dtype_follows_the_input(check, draw):
    """float64 in, float64 out, at full precision."""
    check.conv2d_grouped(draw.normal(2, 4, 5, 6, dtype=torch.float64),
                         draw.normal(6, 2, 3, 2, dtype=torch.float64), groups=2)


@pytest.mark.weight(0.5)
@pytest.mark.proves("whole numbers")
def test_whole_numbers(check, draw):
    """int64 in, int64 out, and exact."""
    check.conv2d_grouped(draw.integers(2, 4, 5, 6), draw.integers(6, 2, 3, 2), draw.integers(6),
                         groups=2)
    check.conv2d_grouped(draw.integers(2, 4, 5, 6), draw.integers(6, 2, 3, 2), groups=2)


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_dtype_follows_the_input", "test_gradients")
@pytest.mark.proves("in dtype and device")
def test_device_follows_the_input(check, draw):
    """No tensor is made on a hard-coded device."""
    c = draw.number(5, 20)  # of each group
    check.conv2d_grouped.on_meta(draw.normal(2, 2 * c, 5, 6), draw.normal(6, c, 3, 2),
                                 draw.normal(6), groups=2)


@pytest.mark.weight(0.5)
@pytest.mark.proves("empty batch")
def test_empty_batch(check, draw):
    """An empty batch gives an answer of shape (0, C_out, H', W')."""
    check.conv2d_grouped(draw.normal(0, 4, 5, 6), draw.normal(6, 2, 3, 2), draw.normal(6),
                         groups=2)


@pytest.mark.weight(0.5)
@pytest.mark.proves("groups that do not divide C", "groups that do not divide C_out")
def test_groups_that_do_not_divide_are_refused(student, refuses, draw):
    """Groups that do not divide the input or the output channels raise an error."""
    student.conv2d_grouped(draw.normal(1, 4, 5, 5), draw.normal(6, 2, 2, 2), groups=2)
    refuses.conv2d_grouped(draw.normal(1, 4, 5, 5), draw.normal(5, 2, 2, 2), groups=2)
    refuses.conv2d_grouped(draw.normal(1, 5, 5, 5), draw.normal(6, 2, 2, 2), groups=2)


@pytest.mark.weight(0.25)
@pytest.mark.proves("larger than the padded image")
def test_oversized_kernel_is_refused(student, refuses, draw):
    """A kernel larger than the padded image raises an error."""
    student.conv2d_grouped(draw.normal(1, 4, 3, 3), draw.normal(6, 2, 3, 2), groups=2)
    refuses.conv2d_grouped(draw.normal(1, 4, 3, 3), draw.normal(6, 2, 4, 2), groups=2)
    refuses.conv2d_grouped(draw.normal(1, 4, 3, 3), draw.normal(6, 2, 2, 6), padding=1, groups=2)


@pytest.mark.weight(0.25)
@pytest.mark.proves("kernels whose number")
def test_kernels_that_do_not_fit_their_group_are_refused(student, refuses, draw):
    """Kernels with more or fewer channels than a group has raise an error."""
    X = draw.normal(1, 4, 5, 5)
    student.conv2d_grouped(X, draw.normal(6, 2, 2, 2), groups=2)
    refuses.conv2d_grouped(X, draw.normal(6, 4, 2, 2), groups=2)
    refuses.conv2d_grouped(X, draw.normal(6, 1, 2, 2), groups=2)
