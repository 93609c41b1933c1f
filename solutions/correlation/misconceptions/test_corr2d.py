"""Tests of a cross-correlation: wrong ideas of what a test is, as students would write them.

Each is a mutant that has to lose points. ``f`` is what is tested.
"""

import torch

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)

IMAGE = torch.tensor([[0.1, 0.7, 0.2, 0.9], [0.3, 0.6, 0.8, 0.4], [0.5, 0.1, 0.7, 0.3]])


def expected(X, K):
    h, w = K.shape
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))


@wrong("only-called", "Your tests call the function and look at nothing: no answer can be wrong.")
def test_corr2d(f):
    f(IMAGE, torch.ones(2, 3))
    f(IMAGE.double(), torch.ones(3, 1).double())


@wrong("only-shapes", "Your tests look at shapes only. Wrong numbers have shapes, too.")
def test_corr2d(f):
    for h, w in ((1, 1), (2, 3), (3, 1), (3, 4)):
        assert f(IMAGE, torch.ones(h, w)).shape == (4 - h, 5 - w)


@wrong("only-squares",
       "All your images and kernels are square. Who takes the height for the width gets away with "
       "it.")
def test_corr2d(f):
    for X in (IMAGE[:3, :3], IMAGE[:2, :2].double()):
        for K in (X[:1, :1], X[:2, :2]):
            torch.testing.assert_close(f(X, K), expected(X, K), rtol=1e-4, atol=1e-4)


@wrong("exact-floats",
       "Your tests compare floats by ==. A sum in another order is as right, and differs by a "
       "rounding.")
def test_corr2d(f):
    for h, w in ((2, 2), (3, 2), (1, 3)):
        assert torch.equal(f(IMAGE, IMAGE[:h, :w]), expected(IMAGE, IMAGE[:h, :w]))


@wrong("one-kind-of-exception",
       "Your tests want one kind of exception, or one text in it. The docstring leaves both open.")
def test_corr2d(f):
    torch.testing.assert_close(f(IMAGE, IMAGE[:2]), expected(IMAGE, IMAGE[:2]))
    try:
        f(IMAGE, torch.ones(4, 1))
    except ValueError as error:
        assert "larger than the image" in str(error)
    else:
        raise AssertionError("nothing was raised")
