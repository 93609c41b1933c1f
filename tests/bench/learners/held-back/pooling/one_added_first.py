# assignment: pooling
# question: pool_output_size
# function: pool_output_size
# kind: values
# says: Divide by the stride first, then add the one.
# shows: id one-added-before-dividing
# shows: line steps = (n + 2 * padding - k + 1) // stride
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    if stride < 1 or padding < 0 or k > n + 2 * padding:
        raise ValueError("n, k, stride, padding")
    if ceil_mode:
        up = (n + 2 * padding - k + stride - 1) // stride + 1
        return up - ((up - 1) * stride >= n + padding)
    steps = (n + 2 * padding - k + 1) // stride
    return steps
