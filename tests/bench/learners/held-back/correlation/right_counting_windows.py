# assignment: correlation
# question: parameters
# function: parameters
# kind: right
import math

def _two(v):
    return [v] * 2 if isinstance(v, int) else list(v)

def fully_connected_parameters(in_features, out_features):
    total = 0
    for _ in range(out_features):
        total += in_features
    return total

def locally_connected_parameters(in_size, kernel_size):
    places = 1
    for n, k in zip(_two(in_size), _two(kernel_size)):
        if k > n:
            raise ValueError("window too large")
        places = places * (n - k + 1)
    return places * convolution_parameters(kernel_size)

def convolution_parameters(kernel_size):
    return math.prod(_two(kernel_size))
