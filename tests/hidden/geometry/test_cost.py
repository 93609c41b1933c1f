"""What a convolution costs: parameter_count(c_in, c_out, kernel_size, bias=True, groups=1), and
macs and flops(c_in, c_out, kernel_size, output_size, groups=1)."""

import math

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

pytestmark = pytest.mark.question("cost")


def counted(c_in, c_out, kernel_size, output_size, groups):
    """The floating-point operations that torch's own counter finds in a convolution."""
    (kh, kw), (height, width) = kernel_size, output_size
    X = torch.empty(1, c_in, height + kh - 1, width + kw - 1, device="meta")
    with FlopCounterMode(display=False) as counter:
        torch.nn.Conv2d(c_in, c_out, kernel_size, groups=groups, device="meta")(X)
    return counter.get_total_flops()


def grouped(draw):
    """(c_in, c_out, groups) that go together, and by how many channels they could miss."""
    groups = draw.number(3, 6)
    return (groups * draw.number(2, 5), groups * draw.number(2, 5), groups,
            draw.number(1, groups - 1))


@pytest.mark.visibility("visible")
def test_eight_filters(check):
    """Eight 5×5 filters on three channels have 608 parameters."""
    check.parameter_count(3, 8, 5)


@pytest.mark.visibility("visible")
def test_macs_of_sixty_four_filters(check):
    """Sixty-four 5×5 filters on three channels, and an output of 128×128."""
    check.macs(3, 64, 5, 128)


@pytest.mark.weight(2)
def test_parameters(check, draw):
    """Weights and biases, for any numbers of channels."""
    for _ in range(3):
        check.parameter_count(draw.number(2, 9), draw.number(10, 40), draw.number(2, 7))
    check.parameter_count(1, 6, 3)
    check.parameter_count(40, 2, 3)


@pytest.mark.weight(2)
def test_parameters_of_rectangular_kernels(check, draw):
    """A kernel can be a pair, with a height and a width of its own."""
    check.parameter_count(draw.number(2, 9), draw.number(10, 40), (draw.number(1, 3), 5))
    check.parameter_count(draw.number(10, 40), draw.number(2, 9), (7, draw.number(2, 4)), True)


@pytest.mark.weight(2)
def test_parameters_without_bias(check, draw):
    """Without a bias only the weights count."""
    check.parameter_count(draw.number(2, 9), draw.number(10, 40), 3, False)
    check.parameter_count(draw.number(10, 40), draw.number(2, 9), (1, 4), False)


@pytest.mark.weight(2)
def test_parameters_of_groups(check, draw):
    """With groups a filter uses only some of the channels; only one if depthwise."""
    size = draw.number(4, 20)
    check.parameter_count(4 * size, 12, draw.number(2, 7), groups=4)
    check.parameter_count(6, 9 * size, (3, 5), False, 3)
    check.parameter_count(5 * size, 5 * size, 3, True, 5 * size)


@pytest.mark.weight(2)
def test_macs(check, draw):
    """Every output number is a sum of products, for any numbers of channels."""
    for _ in range(3):
        check.macs(draw.number(2, 9), draw.number(10, 40), draw.number(2, 7), draw.number(8, 60))
    check.macs(1, 6, 5, 28)


@pytest.mark.weight(2)
def test_macs_of_rectangles(check, draw):
    """Kernel and output can be pairs, each with a height and a width of its own."""
    c_in, c_out = draw.number(2, 9), draw.number(10, 40)
    check.macs(c_in, c_out, (draw.number(1, 3), 5), (draw.number(6, 9), draw.number(10, 20)))
    check.macs(c_out, c_in, 3, (draw.number(20, 30), draw.number(5, 9)))
    check.macs(c_out, c_in, (2, 1), draw.number(20, 30))


@pytest.mark.weight(2)
def test_macs_of_groups(check, draw):
    """With groups every output is a sum over fewer channels; over only one if depthwise."""
    size = draw.number(4, 20)
    check.macs(4 * size, 12, 3, draw.number(8, 20), groups=4)
    check.macs(6, 9 * size, (3, 5), (7, 9), 3)
    check.macs(5 * size, 5 * size, 3, 14, 5 * size)


@pytest.mark.weight(3)
def test_two_operations_for_each_mac(student, expect, draw):
    """FLOPs are twice the MACs: what torch counts, or twice what your own macs answers."""
    for layer in (
        (draw.number(2, 9), draw.number(10, 40), (3, 5), (draw.number(6, 9), 11), 1),
        (2 * draw.number(2, 9), 6 * draw.number(2, 9), (2, 2), (8, draw.number(5, 7)), 2),
    ):
        [answer] = expect.numbers([student.flops(*layer)], 1, "FLOPs")
        if answer != counted(*layer):  # wrong MACs have been charged already
            [own] = expect.numbers([student.macs(*layer)], 1, "MACs")
            expect.equal(answer, 2 * own, "FLOPs")


@pytest.mark.weight(0.5)
@pytest.mark.proves("is an int")
def test_costs_are_ints(check, draw):
    """Costs are ints: not floats, and not tensors."""
    c_in, c_out, groups, _ = grouped(draw)
    check.parameter_count(c_in, c_out, 3, False, groups)
    check.macs(c_in, c_out, 3, draw.number(5, 9), groups)


@pytest.mark.weight(0.5)
@pytest.mark.proves("do not divide c_in", "do not divide c_out")
def test_parameters_of_uneven_groups_are_refused(student, refuses, draw):
    """Groups that do not divide the channels raise an error, for parameters."""
    c_in, c_out, groups, off = grouped(draw)
    student.parameter_count(c_in, c_out, 3, True, groups)
    refuses.parameter_count(c_in + off, c_out, 3, True, groups)
    refuses.parameter_count(c_in, c_out - off, 3, False, groups)


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_parameters_of_uneven_groups_are_refused")
@pytest.mark.proves("do not divide c_in", "do not divide c_out")
def test_macs_of_uneven_groups_are_refused(student, refuses, draw):
    """Groups that do not divide the channels raise an error, for MACs."""
    c_in, c_out, groups, off = grouped(draw)
    student.macs(c_in, c_out, 3, 10, groups)
    refuses.macs(c_in + off, c_out, 3, 10, groups)
    refuses.macs(c_in, c_out - off, 3, 10, groups)


@pytest.mark.weight(0.5)
@pytest.mark.follows("test_parameters_of_uneven_groups_are_refused",
                     "test_macs_of_uneven_groups_are_refused")
@pytest.mark.proves("do not divide c_in", "do not divide c_out")
def test_flops_of_uneven_groups_are_refused(student, refuses, draw):
    """Groups that do not divide the channels raise an error, for FLOPs."""
    c_in, c_out, groups, off = grouped(draw)
    student.flops(c_in, c_out, (3, 3), (10, 10), groups)
    refuses.flops(c_in + off, c_out, (3, 3), (10, 10), groups)
    refuses.flops(c_in, c_out - off, (3, 3), (10, 10), groups)


@pytest.mark.weight(0.25)
@pytest.mark.proves("is an int")
def test_flops_are_ints(student, expect, draw):
    """FLOPs are an int, too, whatever their number."""
    answer = student.flops(draw.number(2, 9), draw.number(10, 40), 3, draw.number(5, 9))
    [number] = expect.numbers([answer], 1, "FLOPs")
    expect.equal(answer, int(number) if math.isfinite(number) else 0, "FLOPs")
