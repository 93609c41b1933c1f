# assignment: lenet
# question: inception_cost
# function: inception_cost
# kind: values
# says: An int kernel of size k has k times k weights.
# shows: id kernel-not-squared
# shows: line cost += h * w * c * out * kernel
def inception_cost(c_in, size, branches):
    h, w = (size, size) if isinstance(size, int) else size
    if c_in < 1 or h < 1 or w < 1:
        raise ValueError("size")
    cost = 0
    for branch in branches:
        c = c_in
        for out, kernel in branch:
            if isinstance(kernel, int):
                if out < 1 or kernel < 1:
                    raise ValueError("convolution")
                cost += h * w * c * out * kernel
            else:
                if out < 1 or min(kernel) < 1:
                    raise ValueError("convolution")
                cost += h * w * c * out * kernel[0] * kernel[1]
            c = out
    return cost
