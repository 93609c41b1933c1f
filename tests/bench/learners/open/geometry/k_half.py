# assignment: geometry
# question: same_padding
# function: same_padding
# kind: values
# says: k // 2 on both sides is one too much where the kernel is even.
# shows: id half-the-kernel-on-each-side
def same_padding(k, dilation=1):
    if k < 1 or dilation < 1:
        raise ValueError
    p = (k // 2) * dilation
    return p, p
