# assignment: geometry
# question: cost
# function: macs
# kind: values
# says: Every output sums over the input channels: times c_in / groups.
# shows: id macs-without-input-channels
# shows: line return c_out * kh * kw * oh * ow
def pair(v):
    return v if isinstance(v, tuple) else (v, v)

def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    kh, kw = pair(kernel_size)
    if c_in % groups or c_out % groups:
        raise ValueError
    n = (c_in // groups) * kh * kw * c_out
    if bias:
        n += c_out
    return n

def macs(c_in, c_out, kernel_size, output_size, groups=1):
    kh, kw = pair(kernel_size)
    oh, ow = pair(output_size)
    if c_in % groups or c_out % groups:
        raise ValueError
    return c_out * kh * kw * oh * ow

def flops(c_in, c_out, kernel_size, output_size, groups=1):
    return macs(c_in, c_out, kernel_size, output_size, groups) * 2
