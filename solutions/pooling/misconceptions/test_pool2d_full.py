"""Tests of pooling: wrong ideas of what a test is, as students would write them.

Each is a mutant that has to lose points. ``f`` is what is tested.
"""

import torch
import torch.nn.functional as F

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def images(*shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


@wrong("tests-of-shapes-only", "Your tests look at shapes only. Wrong numbers have shapes, too.")
def test_pool2d_full(f):
    X = images(2, 3, 7, 6)
    for kernel, stride, padding in ((2, None, 0), (3, 2, 1), ((3, 2), (1, 2), (1, 0))):
        for mode in ("max", "avg"):
            assert f(X, kernel, stride, padding, mode).shape == F.max_pool2d(
                X, kernel, stride, padding).shape


@wrong("tests-of-bright-pixels-only",
       "No pixel of your tests is negative or zero. Then zeros around the maximum do no harm.")
def test_pool2d_full(f):
    X = images(2, 3, 7, 6) + 1
    for kernel, stride, padding in ((2, None, 0), (3, 2, 1), ((3, 2), (1, 2), (1, 0))):
        torch.testing.assert_close(
            f(X, kernel, stride, padding), F.max_pool2d(X, kernel, stride, padding))


@wrong("tests-of-one-square-image-only",
       "Your tests have one square image of one channel, and sizes that are ints. Batches, "
       "channels and pairs are promised as well.")
def test_pool2d_full(f):
    X = images(1, 1, 8, 8) - 0.5
    for kernel, stride, padding in ((2, None, 0), (3, 2, 1), (3, 1, 0)):
        torch.testing.assert_close(
            f(X, kernel, stride, padding), F.max_pool2d(X, kernel, stride, padding))


@wrong("tests-of-exact-averages",
       "Your tests compare averages by ==. A sum in another order is as right, and differs by a "
       "rounding.")
def test_pool2d_full(f):
    X = images(2, 3, 7, 6)
    for kernel in (3, (3, 2), 5):
        assert torch.equal(f(X, kernel, 1, 0, "avg"), F.avg_pool2d(X, kernel, 1, 0))


@wrong("tests-of-averages-of-integers",
       "Your tests want averages of integers, of which the docstring says that they are not "
       "graded.")
def test_pool2d_full(f):
    X = (9 * images(2, 3, 7, 6)).long()
    torch.testing.assert_close(f(X, 3), F.max_pool2d(X, 3))
    torch.testing.assert_close(f(X, 3, mode="avg"), F.avg_pool2d(X.float(), 3))
