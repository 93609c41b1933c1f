# assignment: geometry
# question: receptive_field
# function: receptive_field
# kind: right
from functools import reduce

def receptive_field(layers):
    def back(size, layer):
        k, s, d = (tuple(layer) + (1,))[:3]
        if k < 1 or s < 1 or d < 1:
            raise ValueError(layer)
        return (size - 1) * s + d * (k - 1) + 1
    return reduce(back, reversed(list(layers)), 1)
