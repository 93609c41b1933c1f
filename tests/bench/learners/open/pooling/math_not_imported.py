# assignment: pooling
# question: adaptive_avg_pool2d
# function: adaptive_avg_pool2d
# kind: raises
# says: math is not imported: write import math at the top.
# shows: line h1 = math.ceil((i + 1) * H / oh)
# shows: raises NameError
import torch

def adaptive_avg_pool2d(X, output_size):
    oh, ow = (output_size, output_size) if isinstance(output_size, int) else output_size
    N, C, H, W = X.shape
    if oh < 1 or ow < 1:
        raise ValueError("output_size")
    out = X.new_zeros(N, C, oh, ow)
    for i in range(oh):
        h0 = (i * H) // oh
        h1 = math.ceil((i + 1) * H / oh)
        for j in range(ow):
            w0 = (j * W) // ow
            w1 = math.ceil((j + 1) * W / ow)
            out[:, :, i, j] = X[:, :, h0:h1, w0:w1].mean(dim=(2, 3))
    return out
