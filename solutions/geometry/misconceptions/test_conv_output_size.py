"""Tests of an output size: wrong ideas of what a test is, as students would write them.

Each is a mutant that has to lose points. ``f`` is what is tested.
"""

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


@wrong("only-easy-sizes",
       "Your numbers are too easy: without a stride, a padding and a dilation, most formulas are "
       "right.")
def test_conv_output_size(f):
    for n, k in ((8, 3), (5, 1), (224, 11)):
        assert f(n, k) == n - k + 1


@wrong("only-one-option-at-a-time",
       "You test padding, stride and dilation one at a time, where the stride divides. Test them "
       "together, and with pixels left over.")
def test_conv_output_size(f):
    assert f(8, 3, 1) == 8
    assert f(9, 3, 0, 2) == 4
    assert f(9, 3, 0, 1, 2) == 5


@wrong("only-positive-sizes",
       "Your tests want an answer and look at nothing else of it. Say which number it has to be.")
def test_conv_output_size(f):
    for n in range(3, 20):
        assert 1 <= f(n, 3, 1, 2) <= n


@wrong("more-is-refused",
       "Your tests want something refused that the docstring does not say. A stride larger than "
       "the kernel is allowed.")
def test_conv_output_size(f):
    assert f(8, 3, 1, 2) == 4
    try:
        f(8, 3, 0, 4)
    except ValueError:
        return
    raise AssertionError("the stride is larger than the kernel")
