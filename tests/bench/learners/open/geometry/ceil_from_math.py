# assignment: geometry
# question: conv_output_size
# function: conv_output_size
# kind: values
# says: A window that sticks out does not count: round down, not up.
# shows: id size-rounded-up
# shows: line return math.ceil((n + 2 * padding - span) / stride) + 1
# also: id oversized-kernel-has-a-size, undilated-kernel-compared, impossible-options-have-a-size, only-the-plain-kernel-compared, size-never-refused
import math

def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    span = dilation * (k - 1) + 1
    return math.ceil((n + 2 * padding - span) / stride) + 1
