"""Shares of a row: wrong ideas, as students would write them."""

import numpy as np

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def refused(X):
    if (X.sum(axis=1) == 0).any():
        raise ValueError("a row adds up to nothing")


@wrong("shares-of-columns", "These are shares of the columns: a row is added up along axis 1.")
def row_shares(X):
    refused(X)
    return X / X.sum(axis=0)


@wrong("shares-of-all", "Each row is divided by its own sum, not by the sum of all.")
def row_shares(X):
    refused(X)
    return X / X.sum()


@wrong("divided-in-place", "The array that was given is changed: X = X / …, not X /= ….")
def row_shares(X):
    refused(X)
    X /= X.sum(axis=1, keepdims=True)
    return X.copy()


@wrong("loop-over-rows", "Let NumPy divide all rows at once: keepdims=True.")
def row_shares(X):
    refused(X)
    return np.stack([row / row.sum() for row in X])


@wrong("nothing-divided", "A row that adds up to nothing has no shares: raise an error.")
def row_shares(X):
    sums = X.sum(axis=1, keepdims=True)
    return X / np.where(sums == 0, 1, sums)
