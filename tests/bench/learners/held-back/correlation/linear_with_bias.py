# assignment: correlation
# question: parameters
# function: fully_connected_parameters
# kind: values
# says: nn.Linear has biases too, and the question is about a layer without: bias=False.
# shows: id bias-counted
# shows: line return sum(p.numel() for p in nn.Linear(in_features, out_features).parameters())
from torch import nn

def fully_connected_parameters(in_features, out_features):
    return sum(p.numel() for p in nn.Linear(in_features, out_features).parameters())

def pair(x):
    if isinstance(x, int):
        return x, x
    return x

def locally_connected_parameters(in_size, kernel_size):
    (H, W), (kh, kw) = pair(in_size), pair(kernel_size)
    return kh * kw * (H - kh + 1) * (W - kw + 1)

def convolution_parameters(kernel_size):
    kh, kw = pair(kernel_size)
    return kh * kw
