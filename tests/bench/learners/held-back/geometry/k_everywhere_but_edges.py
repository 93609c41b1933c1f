# assignment: geometry
# question: pixel_uses
# function: pixel_uses
# kind: values
# says: Windows that start in the padding count too: the first pixel has up to padding + 1 windows.
# shows: id uses-ignore-padding
# shows: line first = max(0, i - k + 1)
# shows: line last = min(i, n - k)
# also: id oversized-window-used, negative-padding-used
import numpy as np

def per_side(total):
    return int(np.floor(total / 2)), int(np.ceil(total / 2))

def pixel_uses(n, k, padding=0):
    answer = []
    for i in range(n):
        first = max(0, i - k + 1)
        last = min(i, n - k)
        answer.append(last - first + 1)
    return answer
