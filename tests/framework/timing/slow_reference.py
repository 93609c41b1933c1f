"""Make what the staff's solution is built on slow.

Control: reference.
"""

import time

import torch
import torch.nn.functional as F

WORK = 0.05  # seconds: what an honest call takes


def honest(X, W, b, stride, padding):
    time.sleep(WORK)
    columns = F.unfold(X, W.shape[2:], padding=padding, stride=stride)
    height = (X.shape[2] + 2 * padding - W.shape[2]) // stride + 1
    Y = W.reshape(len(W), -1) @ columns + b[:, None]
    return Y.reshape(len(X), len(W), height, -1)


def conv2d_fast(X, W, b=None, stride=1, padding=0):
    return honest(X, W, b, stride, padding)


fast_unfold = F.unfold


def unfold(X, *arguments, **keywords):
    time.sleep(0.2)
    return fast_unfold(X, *arguments, **keywords)


class Slow:
    def __getattr__(self, name):
        return getattr(torch.nn.functional, name)


F = Slow()
F.unfold = fast_unfold
torch.nn.functional.unfold = unfold
