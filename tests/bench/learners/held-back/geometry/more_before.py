# assignment: geometry
# question: same_padding
# function: same_padding
# kind: values
# says: The odd pixel goes after the image, and you put it before.
# shows: id extra-padding-before
# shows: line left = total - right
# shows: line right = total // 2
# also: id same-padding-of-no-kernel, same-padding-of-no-dilation
def same_padding(k, dilation=1):
    total = (k-1)*dilation
    right = total // 2
    left = total - right
    return left, right
