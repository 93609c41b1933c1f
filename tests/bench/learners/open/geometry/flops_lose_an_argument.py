# assignment: geometry
# question: cost
# function: flops
# kind: raises
# says: flops calls macs without the size of the output: an argument is missing.
# shows: line return 2 * macs(c_in, c_out, kernel_size)
# shows: raises TypeError
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    if c_in % groups or c_out % groups:
        raise ValueError("groups")
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    return c_out * (c_in // groups) * kh * kw + (c_out if bias else 0)

def macs(c_in, c_out, kernel_size, output_size, groups=1):
    h, w = (output_size, output_size) if isinstance(output_size, int) else output_size
    return parameter_count(c_in, c_out, kernel_size, False, groups) * h * w

def flops(c_in, c_out, kernel_size, output_size, groups=1):
    return 2 * macs(c_in, c_out, kernel_size)
