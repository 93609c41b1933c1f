"""The staff's attention, against which students' is timed. It runs in a worker as a notebook of one
cell, and uses nothing that the question forbids."""

import math

import torch


def scaled_dot_product_attention(Q, K, V, mask=None):
    scores = Q @ (K.transpose(-2, -1) / math.sqrt(Q.shape[-1]))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = torch.exp(scores - scores.amax(-1, keepdim=True))
    return (weights @ V) / weights.sum(-1, keepdim=True)
