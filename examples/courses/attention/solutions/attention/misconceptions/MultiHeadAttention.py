"""Several heads: wrong ideas, as students would write them."""

import math

import torch
from torch import nn

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def attend(Q, K, V, mask):
    scores = Q @ K.transpose(-2, -1) / math.sqrt(Q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    E = torch.exp(scores - scores.amax(-1, keepdim=True))
    return E / E.sum(-1, keepdim=True) @ V


class Right(nn.Module):
    """The right layer, of which a misconception changes one step."""

    def __init__(self, features, heads):
        super().__init__()
        if features % heads:
            raise ValueError("the heads do not divide the features")
        self.heads = heads
        for name in ("query", "key", "value", "out"):
            setattr(self, name, nn.Linear(features, features, bias=False))

    def split(self, X):
        N, T, features = X.shape
        return X.reshape(N, T, self.heads, features // self.heads).transpose(1, 2)

    def join(self, X):
        return X.transpose(1, 2).flatten(2)

    def forward(self, X, mask=None):
        Q, K, V = self.split(self.query(X)), self.split(self.key(X)), self.split(self.value(X))
        return self.out(self.join(attend(Q, K, V, mask)))


@wrong("one-head", "One head attends in all features: split them into heads first.")
class MultiHeadAttention(Right):
    def split(self, X):
        return X[:, None]

    def join(self, X):
        return X[:, 0]


@wrong("viewed-not-transposed", "view() mixes positions and features: split the features, then move "
                                "the heads before the positions.")
class MultiHeadAttention(Right):
    def split(self, X):
        N, T, features = X.shape
        return X.reshape(N, self.heads, T, features // self.heads)


@wrong("heads-joined-unmoved", "Move the positions back before the heads are joined.")
class MultiHeadAttention(Right):
    def join(self, X):
        N, heads, T, features = X.shape
        return X.reshape(N, T, heads * features)


@wrong("no-output-layer", "What the heads answer goes through one more layer, out.")
class MultiHeadAttention(Right):
    def forward(self, X, mask=None):
        Q, K, V = self.split(self.query(X)), self.split(self.key(X)), self.split(self.value(X))
        return self.join(attend(Q, K, V, mask)) + 0 * self.out(X)


@wrong("one-layer-for-all", "Queries, keys and values each have a layer of their own.")
class MultiHeadAttention(Right):
    def forward(self, X, mask=None):
        Q = self.split(self.query(X))
        return self.out(self.join(attend(Q, Q, Q, mask))) + 0 * self.key(X) + 0 * self.value(X)


@wrong("mask-not-handed-on", "The mask has to reach every head.")
class MultiHeadAttention(Right):
    def forward(self, X, mask=None):
        return super().forward(X)


@wrong("layers-with-biases", "These layers have no bias: say bias=False.")
class MultiHeadAttention(Right):
    def __init__(self, features, heads):
        super().__init__(features, heads)
        for name in ("query", "key", "value", "out"):
            setattr(self, name, nn.Linear(features, features))


@wrong("any-number-of-heads", "Where the heads do not divide the features, raise an error.")
class MultiHeadAttention(Right):
    def __init__(self, features, heads):
        super().__init__(features, math.gcd(features, heads))
