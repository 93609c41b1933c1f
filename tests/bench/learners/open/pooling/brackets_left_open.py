# assignment: pooling
# question: pool_output_size
# function: pool_output_size
# kind: cell
# says: A bracket is not closed in the line with math.ceil.
# shows: line out = math.ceil((n + 2 * padding - k) / stride + 1
# shows: line else:
# shows: raises SyntaxError
# %%
import math

# %%
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    if ceil_mode:
        out = math.ceil((n + 2 * padding - k) / stride + 1
    else:
        out = (n + 2 * padding - k) // stride + 1
    return out
