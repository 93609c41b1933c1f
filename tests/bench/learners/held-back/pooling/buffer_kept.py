# assignment: pooling
# question: adaptive_avg_pool2d
# function: adaptive_avg_pool2d
# kind: contract
# says: The buffer is kept between the calls: the second answer of the same size overwrites the first.
# shows: line _cache = {}
# shows: line out = _cache.setdefault((N, C, oh, ow), X.new_zeros(N, C, oh, ow))
# also: id adaptive-graph-cut
import math
import torch

_cache = {}

def adaptive_avg_pool2d(X, output_size):
    oh, ow = (output_size, output_size) if isinstance(output_size, int) else output_size
    if X.dim() != 4 or oh < 1 or ow < 1:
        raise ValueError("size")
    N, C, H, W = X.shape
    # saves allocations
    out = _cache.setdefault((N, C, oh, ow), X.new_zeros(N, C, oh, ow))
    for i in range(oh):
        for j in range(ow):
            part = X[:, :, i * H // oh:-(-(i + 1) * H // oh), j * W // ow:-(-(j + 1) * W // ow)]
            out[:, :, i, j] = part.mean((-1, -2))
    return out
