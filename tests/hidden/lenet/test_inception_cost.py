"""inception_cost(c_in, size, branches): multiply-accumulates of a block's convolutions."""

import pytest

pytestmark = pytest.mark.question("inception_cost")


@pytest.mark.visibility("visible")
def test_a_bottleneck_saves_nine_tenths(check):
    """32 filters of 5×5 on 28×28×192: 120 422 400 MACs, or 12 443 648 through 16 channels."""
    check.inception_cost(192, 28, [[(32, 5)]])
    check.inception_cost(192, 28, [[(16, 1), (32, 5)]])


@pytest.mark.weight(3)
def test_layers_of_a_branch(check, draw):
    """In a branch, every convolution works on the output of the one before it."""
    for _ in range(3):
        layers = [(draw.number(2, 40), draw.number(1, 7)) for _ in range(draw.number(2, 4))]
        check.inception_cost(draw.number(41, 60), draw.number(8, 30), [layers])
    odd = [2 * draw.number(100, 400) + 1 for _ in range(2)]  # more than single precision holds
    check.inception_cost(odd[0], (25, 27), [[(odd[1], 3), (17, 5)]])


@pytest.mark.weight(3)
def test_branches_side_by_side(check, draw):
    """Every branch starts from the block's input; the costs add up."""
    for count in (2, 3):
        branches = [[(draw.number(2, 20), 1), (draw.number(21, 40), draw.number(2, 7))]
                    for _ in range(count)]
        check.inception_cost(draw.number(41, 60), draw.number(8, 30), [[(7, 3)], *branches])


@pytest.mark.weight(2)
def test_pairs(check, draw):
    """Images and kernels that are not square."""
    size = (draw.number(5, 9), draw.number(10, 20))
    kernel = (draw.number(1, 3), draw.number(4, 7))
    check.inception_cost(draw.number(5, 9), size, [[(draw.number(2, 9), kernel)]])
    check.inception_cost(draw.number(5, 9), size, [
        [(4, 1), (draw.number(10, 20), kernel)], [(5, 3)]])


@pytest.mark.proves("a c_in below 1", "a height or width below 1",
                    "a number of filters", "a kernel's height")
def test_impossible_sizes_are_refused(student, refuses, draw):
    """Numbers of channels and sizes below one raise an error."""
    c_in, size = draw.number(2, 9), draw.number(8, 20)
    student.inception_cost(c_in, size, [[(4, 1), (5, 3)]])
    refuses.inception_cost(-draw.number(0, 3), size, [[(4, 1)]])
    refuses.inception_cost(c_in, 0, [[(4, 1)]])
    refuses.inception_cost(c_in, size, [[(4, 1), (-draw.number(0, 3), 3)]])
    refuses.inception_cost(c_in, size, [[(4, 1), (5, -draw.number(1, 5))]])


@pytest.mark.weight(0.5)
@pytest.mark.proves("is an int")
def test_costs_are_ints(check, draw):
    """A cost is an int: not a float, and not a tensor."""
    check.inception_cost(draw.number(2, 9), draw.number(8, 20), [[(4, 1)]])
