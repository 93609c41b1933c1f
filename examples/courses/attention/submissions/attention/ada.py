# %% All right, row by row and head by head.
import math

import torch
from torch import nn


# %%
def softmax(X):
    biggest, _ = torch.max(X, dim=-1, keepdim=True)
    if torch.any(biggest == -math.inf):
        raise ValueError("no weight anywhere")
    e = (X - biggest).exp()
    return e.div(e.sum(dim=-1, keepdim=True))


# %%
def scaled_dot_product_attention(Q, K, V, mask=None):
    d = Q.size(-1)
    scores = torch.matmul(Q, K.mT) * d ** -0.5
    if mask is not None:
        scores = torch.where(mask, scores, float("-inf"))
    return torch.matmul(softmax(scores), V)


# %%
class MultiHeadAttention(nn.Module):
    def __init__(self, features, heads):
        super().__init__()
        if features % heads != 0:
            raise ValueError(f"{heads} heads for {features} features")
        self.heads = heads
        for name in "query", "key", "value", "out":
            self.add_module(name, nn.Linear(features, features, bias=False))

    def forward(self, X, mask=None):
        parts = zip(*(layer(X).chunk(self.heads, dim=-1)
                      for layer in (self.query, self.key, self.value)))
        return self.out(torch.cat(
            [scaled_dot_product_attention(q, k, v, mask) for q, k, v in parts], dim=-1))


# %%
def test_softmax(f):
    X = torch.randn(4, 5)
    for shifted in (X, X + 500, X - 500):
        Y = f(shifted)
        assert Y.shape == X.shape
        assert torch.allclose(Y.sum(-1), torch.ones(4), atol=1e-4)
        assert torch.allclose(Y, softmax(X), atol=1e-3)
