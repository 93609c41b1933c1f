# assignment: geometry
# question: pixel_uses
# function: pixel_uses
# kind: values
# says: Pixels near the border are counted without the padding: the window may begin in the padding.
# shows: id uses-ignore-padding
def per_side(total):
    if total < 0:
        raise ValueError
    return total // 2, total - total // 2

def pixel_uses(n, k, padding=0):
    if padding < 0 or k > n + 2 * padding:
        raise ValueError
    return [min(i + 1, k, n - i) for i in range(n)]
