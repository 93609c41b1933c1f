# assignment: geometry
# question: receptive_field
# function: receptive_field
# kind: values
# says: A layer's own stride spreads only the layers behind it: multiply after adding.
# shows: id own-stride-counted
# shows: line jump = jump * s
# shows: line rf = rf + (k - 1) * d * jump
# also: id impossible-layers-have-a-field
def receptive_field(layers):
    rf = 1
    jump = 1
    for layer in layers:
        k, s = layer[0], layer[1]
        d = layer[2] if len(layer) > 2 else 1
        jump = jump * s
        rf = rf + (k - 1) * d * jump
    return rf
