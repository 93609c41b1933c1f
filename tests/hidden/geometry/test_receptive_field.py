"""receptive_field(layers): how many neighbouring inputs one output depends on. A layer is
(kernel, stride) or (kernel, stride, dilation), the one next to the input first."""

import pytest
import torch
import torch.nn.functional as F

from autograder.suite import sentence

pytestmark = pytest.mark.question("receptive_field")


def seen(layers):
    """How far the gradient of one output reaches over the input of convolutions of ones."""
    X = torch.zeros(1, 1, 300, requires_grad=True)
    Y = X
    for kernel, stride, dilation in layers:
        Y = F.conv1d(Y, torch.ones(1, 1, kernel), stride=stride, dilation=dilation)
    (gradient,) = torch.autograd.grad(Y[0, 0, Y.shape[-1] // 2], X)
    reached = gradient[0, 0].nonzero()
    return int(reached[-1] - reached[0]) + 1


@pytest.mark.visibility("visible")
def test_two_small_layers(check):
    """Two layers with 2×2 kernels see 3×3 pixels."""
    check.receptive_field([(2, 1), (2, 1)])


@pytest.mark.weight(2)
def test_stride_one(check, draw):
    """Kernels of different sizes, all with stride 1."""
    check.receptive_field([(3, 1)])
    check.receptive_field([(3, 1)] * 5)
    check.receptive_field([(draw.number(2, 4), 1), (draw.number(5, 7), 1), (2, 1), (1, 1)])


@pytest.mark.weight(3)
def test_strides(check, draw):
    """Strides of earlier layers spread the windows of all later ones."""
    check.receptive_field([(3, 2), (3, 2), (3, 1)])
    check.receptive_field([(7, 2), (3, 3), (5, 2), (3, 1)])
    check.receptive_field([(draw.number(2, 3), 3), (draw.number(4, 5), 2), (draw.number(6, 7), 2)])
    check.receptive_field([(1, 2), (4, 1)])


@pytest.mark.weight(2)
def test_pooling(check, draw):
    """Pooling layers count like any other: stacks of convolutions and 2×2 pooling."""
    k, K = draw.number(2, 4), draw.number(5, 7)
    check.receptive_field([(k, 1), (2, 2), (K, 1), (2, 2)])
    check.receptive_field([(K, 1), (k, 1), (2, 2)] * 3)
    check.receptive_field([(k, 1), (3, 2), (k, 1), (K, 2), (draw.number(2, 7), 1)])


def test_the_first_layer_is_next_to_the_input(check, draw):
    """The order of the layers matters."""
    one, other = (draw.number(5, 9), 1), (draw.number(2, 4), draw.number(2, 5))
    check.receptive_field([one, other])
    check.receptive_field([other, one])


def test_the_last_stride_does_not_matter(check, draw):
    """A layer's stride spreads the windows of later layers, not its own."""
    check.receptive_field([(draw.number(2, 5), 1), (draw.number(2, 5), draw.number(2, 7))])
    check.receptive_field([(draw.number(2, 7), draw.number(2, 9))])


@pytest.mark.weight(2)
def test_dilation(check, draw):
    """Dilated kernels cover more pixels."""
    check.receptive_field([(draw.number(2, 4), 1, dilation) for dilation in (1, 2, 4, 8)])
    check.receptive_field([(2, 1, draw.number(2, 9))])
    check.receptive_field([(draw.number(3, 6), 1, draw.number(2, 5)), (1, 1, draw.number(2, 9))])


@pytest.mark.weight(2)
def test_dilation_and_strides(check, draw):
    """Dilation and strides together; some layers are pairs and some are triples."""
    check.receptive_field([(5, 2), (3, 1, 2), (2, 2), (3, 1, 3)])
    check.receptive_field([(3, 2, draw.number(2, 4)), (draw.number(3, 5), 3), (3, 1, 2), (2, 1)])


@pytest.mark.weight(2)
def test_as_far_as_gradients_reach(student, expect, draw):
    """The answer is the number of inputs that the gradient of one output reaches."""
    for layers in (
        [(draw.number(2, 5), 2, 1), (3, 1, 1), (draw.number(2, 4), 1, 1)],
        [(3, 2, 2), (draw.number(2, 4), 3, 1), (3, 1, 3)],
    ):
        [field] = expect.numbers([student.receptive_field(layers)], 1, "receptive field")
        expect.that(field == seen(layers), sentence(
            "In such a network the gradient of one output reaches another number of inputs."))


@pytest.mark.weight(0.5)
def test_no_layers(check, draw):
    """Without layers the receptive field is one pixel."""
    # There is one empty list to ask, and the title says its answer: it may be shown. A layer that
    # looks at one pixel adds none to it, whatever its stride.
    check.receptive_field([])
    check.receptive_field([(1, draw.number(2, 30))])


@pytest.mark.weight(0.5)
@pytest.mark.proves("is an int")
def test_fields_are_ints(check, draw):
    """A receptive field is an int: not a float, and not a tensor."""
    check.receptive_field([(draw.number(3, 9), 2), (draw.number(2, 9), 1)])


@pytest.mark.weight(0.5)
@pytest.mark.proves("a kernel below one", "a stride below one", "a dilation below one")
def test_impossible_layers_are_refused(student, refuses, draw):
    """A kernel, stride or dilation below one raises an error."""
    k = draw.number(2, 9)
    student.receptive_field([(k, 1), (3, 2, 1)])
    refuses.receptive_field([(k, 1), (-draw.number(0, 3), 1)])
    refuses.receptive_field([(k, -draw.number(0, 3)), (3, 1)])
    refuses.receptive_field([(k, 1, -draw.number(0, 3))])
