# assignment: geometry
# question: pixel_uses
# function: pixel_uses
# kind: right
def per_side(total):
    if total < 0:
        raise ValueError("total < 0")
    return [total // 2, total - total // 2]

def pixel_uses(n, k, padding=0):
    starts = range(-padding, n + padding - k + 1)
    if padding < 0 or k < 1 or len(starts) == 0:
        raise ValueError("no windows")
    return [len([s for s in starts if s <= pixel < s + k]) for pixel in range(n)]
