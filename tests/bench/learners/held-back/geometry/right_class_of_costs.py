# assignment: geometry
# question: cost
# function: cost
# kind: right
class _Layer:
    def __init__(self, c_in, c_out, kernel_size, groups):
        if c_in % groups or c_out % groups:
            raise ValueError("groups have to divide both")
        self.kernel = (kernel_size,) * 2 if isinstance(kernel_size, int) else tuple(kernel_size)
        self.inPerGroup = c_in // groups
        self.out = c_out

    @property
    def weights(self):
        a, b = self.kernel
        return a * b * self.inPerGroup * self.out

def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return _Layer(c_in, c_out, kernel_size, groups).weights + int(bool(bias)) * c_out

def macs(c_in, c_out, kernel_size, output_size, groups=1):
    if isinstance(output_size, int):
        output_size = [output_size, output_size]
    return _Layer(c_in, c_out, kernel_size, groups).weights * output_size[0] * output_size[1]

def flops(c_in, c_out, kernel_size, output_size, groups=1):
    return sum(macs(c_in, c_out, kernel_size, output_size, groups) for _ in "ma")
