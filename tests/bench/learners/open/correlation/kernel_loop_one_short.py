# assignment: correlation
# question: corr2d
# function: corr2d
# kind: values
# says: The last row and column are missing: a window of k has n - k + 1 places.
# shows: id output-one-too-small
# shows: line rows, cols = X.size(0) - K.size(0), X.size(1) - K.size(1)
# also: id oversized-kernel-accepted
import torch


def corr2d(X, K):
    # go over the kernel, not over the picture: much faster!
    rows, cols = X.size(0) - K.size(0), X.size(1) - K.size(1)
    out = X.new_zeros(rows, cols)
    for a in range(K.size(0)):
        for b in range(K.size(1)):
            patch = X[a:a + rows, b:b + cols]
            out = out + patch * K[a, b]
    return out
