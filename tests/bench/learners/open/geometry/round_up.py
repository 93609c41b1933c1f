# assignment: geometry
# question: conv_output_size
# function: conv_output_size
# kind: values
# says: round() goes up from a half on; places that do not fit wholly do not count.
# shows: line return round((n + 2 * padding - eff) / stride + 1)
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    if padding < 0 or stride < 1 or dilation < 1:
        raise ValueError
    eff = dilation * (k - 1) + 1
    if eff > n + 2 * padding:
        raise ValueError
    return round((n + 2 * padding - eff) / stride + 1)
