# assignment: geometry
# question: cost
# function: parameter_count
# kind: raises
# says: A pair of numbers cannot be squared: kernel_size may be an int or (height, width).
# shows: id parameters-want-ints, macs-want-ints
# shows: line n = c_out * (c_in // groups) * kernel_size ** 2
# shows: line return c_out * (c_in // groups) * kernel_size ** 2 * output_size ** 2
# shows: raises TypeError
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    if c_in % groups != 0 or c_out % groups != 0:
        raise ValueError("groups must divide")
    n = c_out * (c_in // groups) * kernel_size ** 2
    if bias == True:
        n = n + c_out
    return n

def macs(c_in, c_out, kernel_size, output_size, groups=1):
    if c_in % groups != 0 or c_out % groups != 0:
        raise ValueError("groups must divide")
    return c_out * (c_in // groups) * kernel_size ** 2 * output_size ** 2

def flops(c_in, c_out, kernel_size, output_size, groups=1):
    return 2 * macs(c_in, c_out, kernel_size, output_size, groups)
