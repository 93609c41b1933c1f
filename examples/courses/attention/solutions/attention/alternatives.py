"""Right solutions of the attention assignment unlike the model solution."""

import math

import torch
from torch import nn

from autograder.suite import Alternatives

right = Alternatives(__file__)


@right("row-by-row")
def softmax(X):
    rows = X.reshape(-1, X.shape[-1])
    found = []
    for row in rows:
        if (row == -math.inf).all():
            raise ValueError("nothing is left")
        powers = torch.exp(row - max(row))
        found.append(powers / powers.sum())
    return torch.stack(found).reshape(X.shape)


@right("logarithms", is_for_tests=False)  # of large scores it keeps four digits
def softmax(X):
    largest = X.max(-1, keepdim=True).values
    if torch.isinf(largest).any():
        raise ValueError("nothing is left")
    return torch.exp(X - torch.logsumexp(X, -1, keepdim=True))


@right("einsum")
def scaled_dot_product_attention(Q, K, V, mask=None):
    scores = torch.einsum("...id,...jd->...ij", Q, K) * Q.shape[-1] ** -0.5
    if mask is not None:
        scores = torch.where(mask, scores, torch.tensor(-math.inf, dtype=scores.dtype))
    E = (scores - scores.amax(-1, keepdim=True)).exp()
    return torch.einsum("...ij,...jd->...id", E / E.sum(-1, keepdim=True), V)


@right("head-by-head")
class MultiHeadAttention(nn.Module):
    def __init__(self, features, heads):
        super().__init__()
        assert features % heads == 0, "the heads do not divide the features"
        self.size = features // heads
        self.query, self.key, self.value, self.out = (
            nn.Linear(features, features, bias=False) for _ in range(4))

    def forward(self, X, mask=None):
        found = []
        for start in range(0, X.shape[-1], self.size):
            part = slice(start, start + self.size)
            Q, K, V = (layer(X)[..., part] for layer in (self.query, self.key, self.value))
            scores = Q @ K.mT / self.size**0.5
            if mask is not None:
                scores = scores.masked_fill(mask.logical_not(), -math.inf)
            E = torch.exp(scores - scores.max(-1, keepdim=True).values)
            found.append(E / E.sum(-1, keepdim=True) @ V)
        return self.out(torch.cat(found, -1))
