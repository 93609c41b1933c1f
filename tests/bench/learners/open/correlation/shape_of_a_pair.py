# assignment: correlation
# question: parameters
# function: locally_connected_parameters
# kind: raises
# says: in_size is a pair of numbers and no tensor: it has no shape.
# shows: line H, W = in_size.shape
# shows: raises AttributeError
def fully_connected_parameters(in_features, out_features):
    return in_features * out_features

def locally_connected_parameters(in_size, kernel_size):
    H, W = in_size.shape
    kh, kw = kernel_size.shape
    if kh > H or kw > W:
        raise ValueError("does not fit")
    return (H - kh + 1) * (W - kw + 1) * kh * kw

def convolution_parameters(kernel_size):
    if isinstance(kernel_size, int):
        return kernel_size ** 2
    return kernel_size[0] * kernel_size[1]
