"""same_padding(k, dilation=1) -> (before, after): the padding with which the size stays."""

import warnings

import pytest
import torch.nn.functional as F

from autograder.suite import sentence

pytestmark = pytest.mark.question("same_padding")


def odd(draw):
    """An odd kernel of more than one pixel."""
    return 2 * draw.number(1, 15) + 1


def even(draw):
    """An even kernel of more than two pixels."""
    return 2 * draw.number(2, 15)


def as_torch(X, weights, dilation):
    """torch's own answer with padding="same". (It warns that it copies X for even kernels.)"""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return F.conv1d(X, weights, padding="same", dilation=dilation)


@pytest.mark.visibility("visible")
def test_odd_examples(check):
    """Kernels of three and five pixels."""
    check.same_padding(3)
    check.same_padding(5)


@pytest.mark.weight(2)
@pytest.mark.proves("odd and even")
def test_odd_kernels(check, draw):
    """Odd kernels need the same padding on both sides."""
    for k in (1, *(odd(draw) for _ in range(6))):
        check.same_padding(k)


@pytest.mark.weight(3)
@pytest.mark.proves("odd and even")
def test_even_kernels(check, draw):
    """Even kernels need one pixel more on one side: the right one."""
    for k in (2, *(even(draw) for _ in range(6))):
        check.same_padding(k)


@pytest.mark.weight(2)
@pytest.mark.proves("dense and dilated")
def test_dilated_odd_kernels(check, draw):
    """Odd kernels with dilation."""
    check.same_padding(1, draw.number(2, 9))
    for dilation in (2, 3, 4, draw.number(5, 9)):
        check.same_padding(odd(draw), dilation)
        check.same_padding(odd(draw), dilation)


@pytest.mark.weight(2)
@pytest.mark.proves("dense and dilated")
def test_dilated_even_kernels(check, draw):
    """Even kernels with dilation: the two sides differ by one pixel at most."""
    for dilation in (2, 3, 2 * draw.number(2, 4), 2 * draw.number(2, 4) + 1):
        check.same_padding(2, dilation)
        check.same_padding(even(draw), dilation)


@pytest.mark.weight(3)
def test_as_torch_pads(student, expect, draw):
    """Padding by these numbers gives the same answer as torch with padding="same"."""
    X = draw.normal(1, 1, 16)
    odd, even = 2 * draw.number(1, 4) + 1, 2 * draw.number(2, 4)
    kernels = ((odd, 1), (2, 1), (even, 1), (2, 3), (odd, draw.number(2, 4)), (even, 3))
    for k, dilation in kernels:
        sides = expect.numbers(student.same_padding(k, dilation), 2, "(before, after)")
        expect.that(all(0 <= side <= 32 and side == int(side) for side in sides),
                    sentence("Padding is a whole number of pixels, and not more than needed."))
        before, after = map(int, sides)
        expect.that(before + after == dilation * (k - 1),
                    sentence("With this padding the size does not stay as it is."))
        weights = draw.normal(1, 1, k)
        expect.near(F.conv1d(F.pad(X, (before, after)), weights, dilation=dilation),
                    as_torch(X, weights, dilation), 1e-4, "answer")


@pytest.mark.weight(0.5)
@pytest.mark.proves("are ints")
def test_sides_are_ints(check, draw):
    """Both numbers are ints: not floats, and not tensors."""
    check.same_padding(odd(draw))
    check.same_padding(odd(draw))


@pytest.mark.weight(0.5)
@pytest.mark.proves("a k below one")
def test_kernel_below_one_is_refused(student, refuses, draw):
    """A kernel size below one raises an error."""
    student.same_padding(draw.number(1, 9))
    refuses.same_padding(0)
    refuses.same_padding(-draw.number(1, 9))


@pytest.mark.weight(0.5)
@pytest.mark.proves("a dilation below one")
def test_dilation_below_one_is_refused(student, refuses, draw):
    """A dilation below one raises an error."""
    k = odd(draw)
    student.same_padding(k, 1)
    refuses.same_padding(k, 0)
    refuses.same_padding(k, -draw.number(1, 5))
