# assignment: geometry
# question: pixel_uses
# function: pixel_uses
# kind: right
import numpy as np

def per_side(total):
    if total < 0:
        raise ValueError
    after = -(-total // 2)
    return (total - after, after)

def pixel_uses(n, k, padding=0):
    full = n + 2 * padding
    if padding < 0 or k < 1 or k > full:
        raise ValueError("does not fit")
    counts = np.convolve(np.ones(full - k + 1, dtype=int), np.ones(k, dtype=int))
    return counts[padding:padding + n].tolist()
