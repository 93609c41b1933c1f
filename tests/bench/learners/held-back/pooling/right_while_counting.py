# assignment: pooling
# question: pool_output_size
# function: pool_output_size
# kind: right
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    if stride < 1 or padding < 0 or k < 1:
        raise ValueError("numbers")
    if k > n + 2 * padding:
        raise ValueError("kernel too large")
    count = 0
    start = -padding
    while start + k <= n + padding:
        count += 1
        start += stride
    if ceil_mode and start - stride + k < n + padding and start < n:
        count += 1
    return count
