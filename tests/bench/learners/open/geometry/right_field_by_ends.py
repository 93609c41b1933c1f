# assignment: geometry
# question: receptive_field
# function: receptive_field
# kind: right
def receptive_field(layers):
    first, last = 0, 0
    # walk from the answer back to the picture: which pixels does output 0 touch?
    for layer in layers[::-1]:
        k = layer[0]
        s = layer[1]
        try:
            d = layer[2]
        except IndexError:
            d = 1
        if k < 1 or s < 1 or d < 1:
            raise ValueError("layer %s" % (layer,))
        first, last = first * s, last * s + (k - 1) * d
    return last - first + 1
