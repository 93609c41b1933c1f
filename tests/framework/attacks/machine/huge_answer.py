"""Answer with more than may be answered.

control: row
tiers: namespaces landlock
"""

import torch


def corr2d(X, K):
    return torch.zeros(1).expand(40_000, 40_000)


def conv2d_true(X, K):
    return "x" * 50_000_000


def edge_kernel(direction):
    return 10 ** 200_000
