"""Softmax: wrong ideas, as students would write them."""

import math

import torch

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def refused(X):
    if not X.dim() or bool((X == -math.inf).all(-1).any()):
        raise ValueError("there is nothing to choose from")


@wrong("along-the-first-axis", "The scores of one query lie along the last axis.")
def softmax(X):
    refused(X)
    E = torch.exp(X - X.amax(0, keepdim=True))
    return E / E.sum(0, keepdim=True)


@wrong("overflows", "exp(1000) is infinite: subtract the largest score of each row first.")
def softmax(X):
    refused(X)
    E = torch.exp(X)
    return E / E.sum(-1, keepdim=True)


@wrong("one-sum-for-all", "Each row has a sum of its own, and adds up to one by itself.")
def softmax(X):
    refused(X)
    E = torch.exp(X - X.max())
    return E / E.sum()


@wrong("shares-without-exp", "These are shares of the scores: take their exponentials first.")
def softmax(X):
    refused(X)
    return X / X.sum(-1, keepdim=True)


@wrong("not-divided", "The exponentials have to be divided by their sum.")
def softmax(X):
    refused(X)
    return torch.exp(X - X.amax(-1, keepdim=True))


@wrong("nothing-accepted", "Where nothing may be chosen, there is no softmax: raise an error.")
def softmax(X):
    E = torch.exp(X - X.amax(-1, keepdim=True))
    return E / E.sum(-1, keepdim=True)


@wrong("of-torch", "torch.softmax is what you are to write yourself.")
def softmax(X):
    refused(X)
    return torch.nn.functional.softmax(X, dim=-1)
