# assignment: geometry
# question: pixel_uses
# function: pixel_uses
# kind: raises
# says: The list has n places, and a window reaches into the padding too: pixel index minus padding, and only inside the image.
# shows: line uses[start + j] += 1
# shows: line uses = [0] * n
# shows: raises IndexError
# also: id uses-of-the-wrong-pixels
def per_side(total):
    if total < 0:
        raise ValueError(total)
    return total // 2, total - total // 2

def pixel_uses(n, k, padding=0):
    size = n + 2 * padding
    if k > size or padding < 0:
        raise ValueError("window too long")
    uses = [0] * n
    for start in range(size - k + 1):
        for j in range(k):
            uses[start + j] += 1
    return uses
