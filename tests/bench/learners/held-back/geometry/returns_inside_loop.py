# assignment: geometry
# question: receptive_field
# function: receptive_field
# kind: values
# says: return stands inside the loop: only the first layer is looked at, and without a layer nothing is returned.
# shows: line return field
# also: id no-layers-no-field
# also: id impossible-layers-have-a-field
def receptive_field(layers):
    field, jump = 1, 1
    for layer in layers:
        kernel, stride = layer[:2]
        dilation = layer[2] if len(layer) == 3 else 1
        field += (kernel - 1) * dilation * jump
        jump *= stride
        return field
