# assignment: correlation
# question: corr2d
# function: corr2d
# kind: values
# says: The width of the answer comes from the width of image and kernel, not from their heights.
# shows: id width-from-height
# shows: line n = X.shape[0] - K.shape[0] + 1
# shows: line out = X.new_empty((n, n))
# also: id oversized-kernel-accepted
import torch

def corr2d(X, K):
    n = X.shape[0] - K.shape[0] + 1
    out = X.new_empty((n, n))
    for row in range(n):
        for col in range(n):
            win = X[row:row + K.shape[0], col:col + K.shape[1]]
            if win.shape == K.shape:
                out[row, col] = (win * K).sum()
            else:
                out[row, col] = 0
    return out
