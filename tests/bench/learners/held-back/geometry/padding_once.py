# assignment: geometry
# question: conv_output_size
# function: conv_output_size
# kind: values
# says: The padding is added on each side: n + 2 * padding.
# shows: id padding-is-a-total
# shows: line padded = n + padding
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    """Compute the output size.

    Formula: out = floor((padded - k_eff) / stride) + 1
    """
    padded = n + padding
    k_eff = k + (k - 1) * (dilation - 1)
    if padding < 0 or stride <= 0 or dilation <= 0:
        raise ValueError("Invalid hyper-parameters.")
    if k_eff > n + 2 * padding:
        raise ValueError("Kernel does not fit.")
    return (padded - k_eff) // stride + 1
