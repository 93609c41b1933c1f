"""Attention: wrong ideas, as students would write them."""

import math

import torch

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def weights_of(scores, mask):
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    E = torch.exp(scores - scores.amax(-1, keepdim=True))
    return E / E.sum(-1, keepdim=True)


@wrong("not-scaled", "The scores are divided by the root of the queries' length.")
def scaled_dot_product_attention(Q, K, V, mask=None):
    return weights_of(Q @ K.transpose(-2, -1), mask) @ V


@wrong("divided-by-the-length", "Divide by the root of the length, not by the length.")
def scaled_dot_product_attention(Q, K, V, mask=None):
    return weights_of(Q @ K.transpose(-2, -1) / Q.shape[-1], mask) @ V


@wrong("mask-the-other-way", "Where the mask is True, a query may look; elsewhere it may not.")
def scaled_dot_product_attention(Q, K, V, mask=None):
    mask = mask if mask is None else ~mask
    return weights_of(Q @ K.transpose(-2, -1) / math.sqrt(Q.shape[-1]), mask) @ V


@wrong("mask-after-softmax", "What is masked after softmax leaves weights that do not add up to one: "
                             "mask the scores.")
def scaled_dot_product_attention(Q, K, V, mask=None):
    weights = weights_of(Q @ K.transpose(-2, -1) / math.sqrt(Q.shape[-1]), None)
    if mask is not None:
        weights = weights * mask
    return weights @ V


@wrong("zero-for-minus-infinity", "A score of 0 still gets a weight: masked scores are -inf.")
def scaled_dot_product_attention(Q, K, V, mask=None):
    scores = Q @ K.transpose(-2, -1) / math.sqrt(Q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, 0.0)
    return weights_of(scores, None) @ V


@wrong("mask-forgotten", "The mask is never used.")
def scaled_dot_product_attention(Q, K, V, mask=None):
    return weights_of(Q @ K.transpose(-2, -1) / math.sqrt(Q.shape[-1]), None) @ V


@wrong("queries-scaled-in-place", "The queries that were given are changed: Q = Q / …, not Q /= ….")
def scaled_dot_product_attention(Q, K, V, mask=None):
    Q /= math.sqrt(Q.shape[-1])
    return weights_of(Q @ K.transpose(-2, -1), mask) @ V


@wrong("cut-from-the-graph", "detach() cuts the gradients: leave it out.")
def scaled_dot_product_attention(Q, K, V, mask=None):
    scores = Q @ K.transpose(-2, -1) / math.sqrt(Q.shape[-1])
    return weights_of(scores, mask).detach() @ V


@wrong("attention-of-torch", "torch has this function: you are to write it yourself.")
def scaled_dot_product_attention(Q, K, V, mask=None):
    return torch.nn.functional.scaled_dot_product_attention(Q, K, V, attn_mask=mask)
