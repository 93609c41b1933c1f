# %% [markdown]
# # Channels (exported from my notebook)

# %%
import torch
import numpy as np

# %%
def corr2d(X, K):
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel too large")
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = torch.sum(X[i:i + h, j:j + w] * K)
    return Y

# %%
def corr2d_multi_in(X, K):
    assert X.shape[0] == K.shape[0], "channels"
    Y = corr2d(X[0], K[0])
    for c in range(1, X.shape[0]):
        Y += corr2d(X[c], K[c])
    return Y

# %%
def corr2d_multi_in_out(X, K):
    return torch.stack([corr2d_multi_in(X, K[o]) for o in range(K.shape[0])])

# %%
def corr2d_multi_in_out_1x1(X, K):
    assert K.shape[1] == X.shape[0] and K.shape[2] == K.shape[3] == 1
    Y = np.einsum("oc,chw->ohw", K[:, :, 0, 0].numpy(), X.numpy())
    return torch.from_numpy(Y)

# %%
def conv2d(X, W, b=None, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    n, c, h, w = X.shape
    padded = torch.zeros(n, c, h + 2 * ph, w + 2 * pw)
    padded[:, :, ph:ph + h, pw:pw + w] = X
    out = []
    for image in padded:
        out.append(corr2d_multi_in_out(image, W)[:, ::sh, ::sw])
    Y = torch.stack(out)
    if b is not None:
        Y = Y + b
    return Y
