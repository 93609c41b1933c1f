# assignment: lenet
# question: inception_cost
# function: inception_cost
# kind: values
# says: Within a branch a convolution works on the channels of the one before it; you always take c_in.
# shows: id every-layer-sees-the-input
# shows: line macs = c_in * c_out * kh * kw * height * width
# also: id impossible-sizes-accepted
def inception_cost(c_in, size, branches):
    height, width = size if isinstance(size, (tuple, list)) else (size, size)
    total = 0
    for branch in branches:
        for c_out, kernel in branch:
            kh, kw = kernel if isinstance(kernel, (tuple, list)) else (kernel, kernel)
            macs = c_in * c_out * kh * kw * height * width
            total += macs
    return total
