# assignment: pooling
# question: pool_output_size
# function: pool_output_size
# kind: values
# says: With ceil_mode a last window that would start beyond the image counts, too; torch drops it.
# shows: id ceil-formula-taken-literally
import math

def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    if padding < 0 or stride < 1 or k > n + 2 * padding:
        raise ValueError
    x = (n + 2 * padding - k) / stride
    return (math.ceil(x) if ceil_mode else math.floor(x)) + 1
