"""Trusted implementations of the attention assignment."""

import math

import torch
from torch import nn


def softmax(X):
    """exp(x) / Σ exp(x) along the last axis; a row of nothing but -inf is refused."""
    if not X.dim() or bool((X == -math.inf).all(-1).any()):
        raise ValueError("there is nothing to choose from")
    return torch.softmax(X, -1)


def scaled_dot_product_attention(Q, K, V, mask=None):
    """softmax(Q Kᵀ / √d, where the mask allows it) V."""
    scores = Q @ K.transpose(-2, -1) / math.sqrt(Q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    return softmax(scores) @ V


class MultiHeadAttention(nn.Module):
    """Self-attention in ``heads`` parts of the features."""

    def __init__(self, features, heads):
        super().__init__()
        if features % heads:
            raise ValueError("the heads do not divide the features")
        self.heads = heads
        self.query = nn.Linear(features, features, bias=False)
        self.key = nn.Linear(features, features, bias=False)
        self.value = nn.Linear(features, features, bias=False)
        self.out = nn.Linear(features, features, bias=False)

    def split(self, X):
        return X.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, X, mask=None):
        Q, K, V = (self.split(layer(X)) for layer in (self.query, self.key, self.value))
        return self.out(scaled_dot_product_attention(Q, K, V, mask).transpose(1, 2).flatten(2))


def test_softmax(f):
    """It decides which misconceptions can be found: those that it finds."""
    X = torch.tensor([[0.0, 1.0, 2.0], [3.0, -1.0, 0.5], [1.0, 1.0, 4.0]])
    assert torch.allclose(f(X), torch.softmax(X, -1))
    assert torch.allclose(f(X + 1000), torch.softmax(X, -1), atol=1e-3)
