# assignment: geometry
# question: conv_output_size
# function: conv_output_size
# kind: right
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    first = -padding
    beyond = n + padding - dilation * (k - 1)
    if padding < 0 or dilation < 1 or stride < 1 or k < 1 or beyond <= first:
        raise ValueError("no window")
    return len(range(first, beyond, stride))
