"""Geometry homework, exported from the notebook."""
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from d2l import torch as d2l


def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    size = np.floor((n + 2 * padding - dilation * (k - 1) - 1) / stride + 1)
    if size < 1 or padding < 0 or dilation < 1 or stride < 1:
        raise ValueError("no output")
    return size


def same_padding(k, dilation=1):
    if k < 1 or dilation < 1:
        raise ValueError("no kernel")
    p = dilation * (k - 1) / 2
    return np.floor(p), np.ceil(p)


def per_side(total):
    if total < 0:
        raise ValueError("negative")
    return total // 2, total - total // 2


def pixel_uses(n, k, padding=0):
    if padding < 0 or k > n + 2 * padding:
        raise ValueError("no window")
    uses = np.convolve(np.ones(n + 2 * padding - k + 1), np.ones(k))
    return list(uses[padding:padding + n])


def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = padding
    return F.pad(X, (left, right, top, bottom), mode="constant" if mode == "zeros" else mode)


def receptive_field(layers):
    field, jump = 1, 1
    for layer in layers:
        k, s, d = layer if len(layer) == 3 else (*layer, 1)
        assert k >= 1 and s >= 1 and d >= 1
        field += d * (k - 1) * jump
        jump *= s
    return field


def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    assert c_in % groups == 0 and c_out % groups == 0
    return c_out * (c_in / groups * np.prod(kernel_size) * (np.isscalar(kernel_size) * kernel_size
                    if np.isscalar(kernel_size) else 1)) + (c_out if bias else 0)


def macs(c_in, c_out, kernel_size, output_size, groups=1):
    h, w = (output_size, output_size) if np.isscalar(output_size) else output_size
    return parameter_count(c_in, c_out, kernel_size, False, groups) * h * w


def flops(c_in, c_out, kernel_size, output_size, groups=1):
    return 2 * d2l.macs(c_in, c_out, kernel_size, output_size, groups)


# compare with the real thing
pad2d = nn.ZeroPad2d((1, 2, 3, 4))
print(pad2d(torch.ones(1, 1, 2, 2)).shape)

if __name__ == "__main__":
    print(conv_output_size(224, 11, 2, 4))
