# assignment: geometry
# question: receptive_field
# function: receptive_field
# kind: contract
# says: jump is a global variable that keeps its value: the second call does not begin at 1.
# shows: line global jump
# shows: line jump = 1
# shows: line jump *= stride
jump = 1

def receptive_field(layers):
    global jump
    field = 1
    for layer in layers:
        kernel, stride = layer[0], layer[1]
        dilation = layer[2] if len(layer) == 3 else 1
        if min(kernel, stride, dilation) < 1:
            raise ValueError(layer)
        field += dilation * (kernel - 1) * jump
        jump *= stride
    return field
