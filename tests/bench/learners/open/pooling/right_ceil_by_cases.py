# assignment: pooling
# question: pool_output_size
# function: pool_output_size
# kind: right
import math

def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    assert stride >= 1 and padding >= 0 and k >= 1
    room = n + 2 * padding - k
    if room < 0:
        raise ValueError("no place")
    steps = math.ceil(room / stride) if ceil_mode else math.floor(room / stride)
    if steps * stride >= n + padding:
        steps -= 1
    return int(steps + 1)
