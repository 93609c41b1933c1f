# assignment: geometry
# question: receptive_field
# function: receptive_field
# kind: raises
# says: A layer may have two numbers only; the dilation is 1 then.
# shows: id dilation-expected
# shows: line for (kernel, stride, dilation) in layers:
# shows: raises ValueError
def receptive_field(layers):
    r, step = 1, 1
    for (kernel, stride, dilation) in layers:
        if min(kernel, stride, dilation) < 1:
            raise ValueError
        r += dilation * (kernel - 1) * step
        step *= stride
    return r
