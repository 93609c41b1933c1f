# Pooling, by Oscar. I like scripts better than notebooks.
import math
import torch
from torch import nn
import torch.nn.functional as F


def pair(s):
    return (s, s) if isinstance(s, int) else tuple(s)


def pool2d(X, size, mode="max"):
    a, b = pair(size)
    if X.ndim != 2 or mode not in ("max", "avg") or a > X.shape[0] or b > X.shape[1]:
        raise ValueError("pool2d")
    W = X.unfold(0, a, 1).unfold(1, b, 1).reshape(X.shape[0] - a + 1, X.shape[1] - b + 1, -1)
    return W.max(-1)[0] if mode == "max" else W.mean(-1)


def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    (a, b), (s, t), (p, q) = pair(kernel), pair(stride or kernel), pair(padding)
    if X.ndim != 4 or mode not in ("max", "avg") or p < 0 or q < 0:
        raise ValueError("pool2d_full")
    if a > X.shape[2] + 2 * p or b > X.shape[3] + 2 * q:
        raise ValueError("pool2d_full")
    low = 0 if mode == "avg" else -math.inf if X.is_floating_point() else torch.iinfo(X.dtype).min
    W = F.pad(X, (q, q, p, p), value=low).unfold(2, a, s).unfold(3, b, t)
    if mode == "max":
        return W.amax((-1, -2))
    # padding never belongs into an average
    ones = F.pad(torch.ones_like(X), (q, q, p, p)).unfold(2, a, s).unfold(3, b, t)
    return W.sum((-1, -2)) / ones.sum((-1, -2))


def adaptive_avg_pool2d(X, size):
    N, C, H, W = X.shape
    h, w = pair(size)
    if h < 1 or w < 1:
        raise ValueError("adaptive_avg_pool2d")
    Y = torch.empty(N, C, h, w, dtype=X.dtype, device=X.device)
    for i in range(h):
        for j in range(w):
            Y[:, :, i, j] = X[:, :, i * H // h:-(-(i + 1) * H // h),
                              j * W // w:-(-(j + 1) * W // w)].mean((2, 3))
    return Y


def global_avg_pool2d(X):
    return adaptive_avg_pool2d(X, 1)[:, :, 0, 0]


def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    if stride < 1 or padding < 0 or k > n + 2 * padding:
        raise ValueError("pool_output_size")
    if ceil_mode:
        return len([i for i in range(n) if i * stride < n + padding
                    and (i == 0 or (i - 1) * stride + k < n + 2 * padding)])
    return (n + 2 * padding - k) // stride + 1


# compare with the real thing
pool2d = pool2d
X = torch.randn(1, 1, 8, 8)
pool2d_full_torch = nn.MaxPool2d(3)
print(torch.equal(pool2d_full(X, 3), pool2d_full_torch(X)))
pool2d = nn.MaxPool2d(3)
print(pool2d(X).shape)
