"""The staff's vectorized convolution, against which students' are timed.

It runs in a worker as a notebook of one cell, so it imports nothing but torch, and uses nothing
that the question forbids.
"""

import torch.nn.functional as F


def conv2d_fast(X, W, b=None, stride=1, padding=0):
    """Windows as columns, one matrix product, and the brackets of (H', W') drawn back in."""
    C_out, _, kh, kw = W.shape
    height = (X.shape[2] + 2 * padding - kh) // stride + 1
    columns = F.unfold(X, (kh, kw), padding=padding, stride=stride)
    Y = W.reshape(C_out, -1) @ columns + b[:, None]
    return Y.reshape(X.shape[0], C_out, height, -1)
