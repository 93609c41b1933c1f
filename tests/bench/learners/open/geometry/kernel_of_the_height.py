# assignment: geometry
# question: cost
# function: parameter_count
# kind: values
# says: The width of the kernel is taken from its height; multiply both.
# shows: id parameters-of-a-square-kernel, macs-of-a-square-kernel
# shows: line k = np.atleast_1d(kernel_size)[0]
# shows: line return int(c_out * c_in // groups * k * k)
# also: id output-is-a-square, uneven-groups-have-parameters, uneven-groups-have-macs, uneven-groups-have-flops
# also: id uneven-groups-have-parameters, uneven-groups-have-macs, uneven-groups-have-flops
import numpy as np

def count_weights(c_in, c_out, kernel_size, groups):
    k = np.atleast_1d(kernel_size)[0]
    return int(c_out * c_in // groups * k * k)

def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return count_weights(c_in, c_out, kernel_size, groups) + (c_out if bias else 0)

def macs(c_in, c_out, kernel_size, output_size, groups=1):
    h, w = np.broadcast_to(output_size, 2)
    return count_weights(c_in, c_out, kernel_size, groups) * int(h) * int(w)

def flops(c_in, c_out, kernel_size, output_size, groups=1):
    return 2 * macs(c_in, c_out, kernel_size, output_size, groups)
