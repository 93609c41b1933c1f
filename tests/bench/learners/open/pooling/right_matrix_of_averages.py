# assignment: pooling
# question: adaptive_avg_pool2d
# function: adaptive_avg_pool2d
# kind: right
import torch

def _matrix(n, o, like):
    rows = []
    for i in range(o):
        a = i * n // o
        b = ((i + 1) * n + o - 1) // o
        rows.append([1 / (b - a) if a <= t < b else 0.0 for t in range(n)])
    return torch.tensor(rows, dtype=like.dtype, device=like.device)

def adaptive_avg_pool2d(X, output_size):
    oh, ow = (output_size, output_size) if isinstance(output_size, int) else output_size
    if X.dim() != 4 or oh < 1 or ow < 1:
        raise ValueError("X (N, C, H, W), sizes from 1")
    return _matrix(X.shape[2], oh, X) @ X @ _matrix(X.shape[3], ow, X).T
