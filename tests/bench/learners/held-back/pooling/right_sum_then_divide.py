# assignment: pooling
# question: global_avg_pool2d
# function: global_avg_pool2d
# kind: right
import torch

def global_avg_pool2d(X):
    n, c, h, w = X.shape
    ones = torch.ones(h * w, 1, dtype=X.dtype, device=X.device)
    return ((X.reshape(n, c, h * w) @ ones) / float(h * w))[..., 0]
