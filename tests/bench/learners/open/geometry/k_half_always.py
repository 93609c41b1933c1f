# assignment: geometry
# question: same_padding
# function: same_padding
# kind: values
# says: k // 2 on both sides is one pixel too many for an even kernel.
# shows: id half-the-kernel-on-each-side
# shows: line return (k // 2, k // 2)
# also: id same-padding-of-no-kernel, same-padding-of-no-dilation, same-padding-never-refused
def same_padding(k, dilation=1):
    if dilation == 1:
        return (k // 2, k // 2)
    p = (k - 1) * dilation
    return (p // 2, p - p // 2)
