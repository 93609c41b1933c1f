# assignment: geometry
# question: receptive_field
# function: receptive_field
# kind: values
# says: The strides of the layers before multiply; they are not added.
# shows: id strides-added
# shows: line stride_so_far += s
# also: id impossible-layers-have-a-field
def receptive_field(layers):
    field = 1
    stride_so_far = 1
    for i, layer in enumerate(layers):
        if len(layer) == 2:
            layer = (layer[0], layer[1], 1)
        k, s, d = layer
        field += (k - 1) * d * stride_so_far
        if i == 0:
            stride_so_far = s
        else:
            stride_so_far += s
    return field
