# assignment: geometry
# question: conv_output_size
# function: conv_output_size
# kind: values
# says: The last start is n + 2p - span itself: range stops one before it, so add one.
# shows: id steps-counted
# shows: line for start in range(0, length - span, stride):
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    # count them one by one
    length = n + padding + padding
    span = dilation * (k - 1) + 1
    if padding < 0 or stride < 1 or dilation < 1 or span > length:
        raise ValueError("no window fits")
    count = 0
    for start in range(0, length - span, stride):
        count += 1
    return count
