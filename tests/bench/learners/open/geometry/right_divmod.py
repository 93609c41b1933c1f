# assignment: geometry
# question: same_padding
# function: same_padding
# kind: right
def same_padding(k, dilation=1):
    if not (k > 0 and dilation > 0):
        raise ValueError("positive please")
    half, odd = divmod(dilation * (k - 1), 2)
    return [half, half + odd]
