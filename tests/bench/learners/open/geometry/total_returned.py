# assignment: geometry
# question: same_padding
# function: same_padding
# kind: values
# says: Two numbers are asked for, before and after; this is their sum only.
# shows: id one-number-for-two-sides
# shows: line return total
# also: id same-padding-of-no-kernel, same-padding-of-no-dilation
def same_padding(k, dilation=1):
    effective = dilation * (k - 1) + 1
    total = effective - 1
    before = total // 2
    after = total - before
    return total
