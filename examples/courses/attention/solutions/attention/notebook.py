# %% [markdown]
# # Attention
#
# A position of a sequence looks at all others, and takes from each as much as fits. How much that
# is, says a product of two vectors: the *query* of who looks and the *key* of what is looked at.

# %%
import math

import torch
from torch import nn

# %% [markdown]
# ## 1 Softmax (4 points)
#
# $$\operatorname{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}$$
#
# Adding a number to all $x_i$ changes nothing. So large scores need not lead to large powers.


# %%
def softmax(X):
    """Softmax along the last axis, without torch's own, by whatever name: that is forbidden here.

    Arguments:
        X: scores, floating-point tensor of shape (..., D).
    Returns:
        Tensor of the same shape and dtype; each row adds up to 1.

    Also graded:
        * Scores may be large: 1000 is no reason for nan. Single ones may be -inf.
        * Refused: a row of nothing but -inf. Raise ValueError.
    """
    ### BEGIN SOLUTION
    largest = X.amax(-1, keepdim=True)
    if bool((largest == -math.inf).any()):
        raise ValueError("there is nothing to choose from")
    powers = torch.exp(X - largest)
    return powers / powers.sum(-1, keepdim=True)
    ### END SOLUTION


# %%
assert torch.allclose(softmax(torch.tensor([0.0, 0.0])), torch.tensor([0.5, 0.5]))
assert torch.allclose(softmax(torch.tensor([999.0, 1000.0])).sum(), torch.tensor(1.0))

# %% [markdown]
# ## 2 Scaled dot-product attention (5 points, and 2 more where it is fast)
#
# $$\operatorname{softmax}\left(\frac{Q K^\top}{\sqrt d}\right) V$$


# %%
def scaled_dot_product_attention(Q, K, V, mask=None):
    """Attention of each query to all keys, without torch's own, which is forbidden here.

    Arguments:
        Q: queries, floating-point tensor of shape (..., T, d).
        K, V: keys and values, of shapes (..., S, d) and (..., S, e).
        mask: None, or a boolean tensor of shape (T, S) or (..., T, S): True where the query may
            look. Each query may look somewhere.
    Returns:
        Tensor of shape (..., T, e).

    Also graded:
        * Q, K, V and mask are left unchanged; it is differentiable in Q, K and V.
    """
    ### BEGIN SOLUTION
    scores = Q @ K.transpose(-2, -1) / math.sqrt(Q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    return softmax(scores) @ V
    ### END SOLUTION


# %%
assert torch.equal(
    scaled_dot_product_attention(torch.ones(1, 2), torch.ones(3, 2), torch.arange(3.0)[:, None],
                                 torch.tensor([[False, True, False]])), torch.tensor([[1.0]]))

# %% [markdown]
# ## 3 Several heads (5 points)


# %%
class MultiHeadAttention(nn.Module):
    """Self-attention, in parts of the features.

    Arguments:
        features: length of each position's vector, an int.
        heads: how many parts, an int that divides it. Else raise ValueError.
    Parameters:
        query.weight, key.weight, value.weight, out.weight: of four ``nn.Linear`` without bias, each
        (features, features).
    """

    def __init__(self, features, heads):
        super().__init__()
        ### BEGIN SOLUTION
        if features % heads:
            raise ValueError("the heads do not divide the features")
        self.heads = heads
        self.query = nn.Linear(features, features, bias=False)
        self.key = nn.Linear(features, features, bias=False)
        self.value = nn.Linear(features, features, bias=False)
        self.out = nn.Linear(features, features, bias=False)
        ### END SOLUTION

    def forward(self, X, mask=None):
        """X of shape (N, T, features), mask of shape (T, T) or None -> (N, T, features).

        Head number h has the features from h·features/heads on; the heads' answers are joined in
        this order, and go through ``out``.
        """
        ### BEGIN SOLUTION
        def split(Y):
            return Y.unflatten(-1, (self.heads, -1)).transpose(1, 2)

        heads = scaled_dot_product_attention(
            split(self.query(X)), split(self.key(X)), split(self.value(X)), mask)
        return self.out(heads.transpose(1, 2).flatten(2))
        ### END SOLUTION


# %%
assert MultiHeadAttention(6, 2)(torch.ones(1, 5, 6)).shape == (1, 5, 6)

# %% [markdown]
# ## 4 Tests of softmax (2 points on top)
#
# Write tests that every right softmax passes, and as many wrong ones as you can think of do not.


# %%
def test_softmax(f):
    """Raise an AssertionError where ``f`` is no right implementation of ``softmax``."""
    ### BEGIN SOLUTION
    scores = torch.tensor([[0.0, 1.0, 2.0], [3.0, -1.0, 0.5]])
    right = torch.tensor([[0.0900, 0.2447, 0.6652], [0.9082, 0.0166, 0.0752]])
    for shift in (0, 1000):
        assert torch.allclose(f(scores + shift), right, atol=1e-3)
    ### END SOLUTION


# %%
test_softmax(softmax)
