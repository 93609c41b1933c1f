# %% Broken: brackets left open, and nothing defined but one function that ends without return.
import torch


# %%
def softmax(X):
    e = torch.exp(X - X.max(-1, keepdim=True).values)
    e / e.sum(-1, keepdim=True)


# %%
def scaled_dot_product_attention(Q, K, V, mask=None:
    return softmax(Q @ K.T) @ V
