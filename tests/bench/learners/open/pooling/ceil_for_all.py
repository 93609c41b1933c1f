# assignment: pooling
# question: pool_output_size
# function: pool_output_size
# kind: values
# says: It is rounded up only when ceil_mode says so.
# shows: id always-rounded-up
# shows: line size = -(-(n + 2 * padding - k) // stride) + 1
# also: id oversized-kernel-counted, negative-numbers-accepted
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    size = -(-(n + 2 * padding - k) // stride) + 1
    if (size - 1) * stride >= n + padding:
        size -= 1
    return size
