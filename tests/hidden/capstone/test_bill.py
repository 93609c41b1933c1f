"""The bill of a network that is given as a list of layers: network_macs(layers, channels, size) and
network_field(layers)."""

import pytest
import torch
import torch.nn.functional as F

from autograder.suite import sentence

pytestmark = pytest.mark.question("bill")

BRANCHED = [("conv", 16, 3, 2, 1), ("norm",),
            ("residual", [("conv", 24, 3, 1, 1), ("norm",), ("conv", 24, 3, 1, 1)],
             [("conv", 24, 1, 1, 0)]),
            ("pool", 2, 2), ("global",), ("dense", 10)]


def side(draw, low=12, high=30):
    return draw.number(low, high), draw.number(high + 1, high + 9)


def conv(draw, kernel=None, stride=None):
    """A convolution that may have a stride; its padding keeps some of the border."""
    kernel = kernel or draw.number(1, 5)
    return ("conv", draw.number(4, 20), kernel, stride or draw.number(1, 3),
            draw.number(0, kernel // 2))


@pytest.mark.visibility("visible")
def test_a_network_with_a_residual_block(check):
    """A small network with normalisation, a residual block, pooling and a dense layer."""
    check.network_macs(BRANCHED, 3, (20, 20))
    check.network_field(BRANCHED)


@pytest.mark.weight(2)
def test_macs_of_a_chain(check, draw):
    """Convolutions with strides and pooling, one after the other; height and width differ."""
    channels, size = draw.number(2, 5), side(draw)
    for kernel in (3, 4):  # of two lists that are as long
        check.network_macs([conv(draw, kernel, 1), conv(draw, 5, 2)], channels, size)
    check.network_macs([conv(draw, 3, draw.number(1, 2)), ("pool", 2, 2), conv(draw, 2, 1),
                        ("pool", 3, 2)], draw.number(2, 5), side(draw, 20, 40))


@pytest.mark.weight(2)
def test_macs_of_dense_layers(check, draw):
    """A dense layer has a weight for every number of the maps before it."""
    units = draw.number(5, 30)
    check.network_macs([("pool", 2, 2), ("dense", units), ("dense", 10)], draw.number(2, 5),
                       side(draw))
    check.network_macs([conv(draw, 3, 2), ("global",), ("dense", units)], 3, side(draw))


@pytest.mark.weight(2)
@pytest.mark.proves("one product for each number")
def test_macs_of_normalisation_and_sums(check, draw):
    """A normalisation, and the sum at the end of a residual block, take one for each number."""
    check.network_macs([conv(draw, 3, 2), ("norm",), ("pool", 2, 2), ("norm",)], 3, side(draw))
    check.network_macs([("residual", [("conv", 3, 3, 1, 1), ("norm",)], [])], 3, side(draw))


@pytest.mark.weight(2)
def test_macs_of_both_branches(check, draw):
    """Both branches of a residual block work on its input, and what follows on their shape."""
    filters = draw.number(5, 20)
    check.network_macs([
        conv(draw, 3, 1),
        ("residual", [("conv", filters, 3, 2, 1), ("norm",), ("conv", filters, 3, 1, 1)],
         [("conv", filters, 1, 2, 0)]),
        conv(draw, 3, 1)], draw.number(2, 5), (2 * draw.number(6, 12), 2 * draw.number(13, 16)))


@pytest.mark.weight(2)
def test_field_of_a_chain(check, draw):
    """Convolutions and pooling: each adds its steps, at the spacing of the strides before it."""
    check.network_field([conv(draw), conv(draw, None, 2), ("norm",), ("pool", 2, 2), conv(draw, 3)])
    for kernel in (3, 4):  # of two lists that are as long
        check.network_field([conv(draw, kernel, 1), conv(draw, 3, 2)])
    check.network_field([("pool", draw.number(2, 3), 2), conv(draw), conv(draw, 3, 3),
                         conv(draw, 2)])


@pytest.mark.weight(2)
def test_field_of_a_residual_block(check, draw):
    """A sum sees what its branches see: the larger field counts, whichever branch has it."""
    stride = draw.number(1, 2)
    large, small = [("conv", 8, 5, stride, 2), ("conv", 8, 3, 1, 1)], [("conv", 8, 1, stride, 0)]
    for branches in ((large, small), (small, large)):
        check.network_field([conv(draw), ("residual", *branches), conv(draw, 3)])
    check.network_field([("conv", 8, 3, 2, 1), ("residual", [("conv", 8, 3, 1, 1)], []),
                         ("norm",), ("pool", 2, 2), conv(draw, 3)])


@pytest.mark.proves("before the places are merged")
def test_field_before_the_places_are_merged(check, draw):
    """Global pooling and dense layers end it: a field is that of the maps before."""
    check.network_field([conv(draw), conv(draw, 3), ("global",), ("dense", 10)])
    check.network_field([conv(draw), ("pool", 2, 2), ("dense", 40), ("dense", 10)])


def seen(layers):
    """How far the gradient of one output reaches over the input of convolutions of ones."""
    X = torch.zeros(1, 1, 200, requires_grad=True)
    Y = X
    for _, _, kernel, stride, _ in layers:
        Y = F.conv1d(Y, torch.ones(1, 1, kernel), stride=stride)
    (gradient,) = torch.autograd.grad(Y[0, 0, Y.shape[-1] // 2], X)
    reached = gradient[0, 0].nonzero()
    return int(reached[-1] - reached[0]) + 1


def test_as_far_as_gradients_reach(student, expect, draw):
    """The field is the number of pixels that the gradient of one number reaches."""
    layers = [("conv", 4, draw.number(2, 5), 2, 0), ("conv", 4, draw.number(2, 5), 1, 0),
              ("conv", 4, 3, 1, 0)]
    [field] = expect.numbers([student.network_field(layers)], 1, "receptive field")
    expect.that(field == seen(layers), sentence(
        "In such a network the gradient of one number reaches another number of pixels."))


@pytest.mark.weight(0.5)
@pytest.mark.proves("is an int")
def test_both_are_ints(check, draw):
    """Both answers are ints: not floats, and not tensors."""
    layers = [conv(draw, 3, 2), ("norm",), ("dense", 10)]
    check.network_macs(layers, 3, side(draw))
    check.network_field(layers)


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_the_layers_are_left_as_they_were(student, expect, draw):
    """The list of layers is left as it was."""
    layers = [conv(draw, 3, 1), ("residual", [("norm",)], []), ("dense", draw.number(5, 20))]
    student.network_macs(layers, 3, side(draw))
    expect.unchanged()
    student.network_field(layers)
    expect.unchanged()


@pytest.mark.weight(0.5)
@pytest.mark.proves("branches end in different shapes")
def test_branches_that_cannot_be_added_are_refused(student, refuses, draw):
    """A residual block whose branches end in different shapes raises an error."""
    filters = draw.number(5, 20)
    student.network_macs([("residual", [("conv", filters, 3, 2, 1)], [("conv", filters, 1, 2, 0)])],
                         3, (20, 20))
    refuses.network_macs([("residual", [("conv", filters, 3, 2, 1)], [])], filters, (20, 20))
    refuses.network_macs([("residual", [("conv", filters, 3, 1, 1)], [])], filters + 1, (20, 20))


@pytest.mark.weight(0.5)
@pytest.mark.proves("window larger than the padded map")
def test_windows_that_do_not_fit_are_refused(student, refuses, draw):
    """A window that is larger than its map with its padding raises an error."""
    filters = draw.number(5, 20)
    student.network_macs([("conv", filters, 9, 1, 2)], 3, (5, 6))
    refuses.network_macs([("conv", filters, 9, 1, 1)], 3, (5, 12))
    refuses.network_macs([("pool", 2, 2), ("pool", draw.number(4, 6), 1)], 3, (12, 7))
