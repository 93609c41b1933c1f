# assignment: geometry
# question: conv_output_size
# function: conv_output_size
# kind: contract
# says: / is no whole-number division in Python 3: the size is a float. Use //.
# shows: id size-is-a-float
# shows: line out = (n + 2*padding - keff - (n + 2*padding - keff) % stride) / stride + 1
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    keff = dilation*(k-1) + 1
    if padding < 0 or stride < 1 or dilation < 1 or keff > n + 2*padding:
        raise ValueError("no window")
    out = (n + 2*padding - keff - (n + 2*padding - keff) % stride) / stride + 1
    return out
