# assignment: geometry
# question: cost
# function: parameter_count
# kind: contract
# says: / makes a float; parameters are counted in ints: //.
# shows: id parameters-are-floats
# shows: line weights = c_out * (c_in / groups) * kh * kw
def _hw(x):
    return (x, x) if isinstance(x, int) else x

def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    if c_in % groups != 0 or c_out % groups != 0:
        raise ValueError("groups")
    kh, kw = _hw(kernel_size)
    weights = c_out * (c_in / groups) * kh * kw
    return weights + c_out if bias else weights

def macs(c_in, c_out, kernel_size, output_size, groups=1):
    if c_in % groups != 0 or c_out % groups != 0:
        raise ValueError("groups")
    kh, kw = _hw(kernel_size)
    oh, ow = _hw(output_size)
    return c_out * (c_in // groups) * kh * kw * oh * ow

def flops(c_in, c_out, kernel_size, output_size, groups=1):
    return 2 * macs(c_in, c_out, kernel_size, output_size, groups)
