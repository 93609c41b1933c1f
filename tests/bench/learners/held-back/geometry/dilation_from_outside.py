# assignment: geometry
# question: same_padding
# function: same_padding
# kind: raises
# says: d is not defined: the parameter is called dilation.
# shows: line lost = d * (k - 1)
# shows: raises NameError
def same_padding(k, dilation=1):
    if k < 1 or dilation < 1:
        raise ValueError("k")
    lost = d * (k - 1)
    return [lost // 2, (lost + 1) // 2]
