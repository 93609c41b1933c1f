# assignment: channels
# question: corr2d_multi_in_out
# function: corr2d_multi_in_out
# kind: raises
# says: Y has room for C kernels, and there are as many as K.shape[0]: C_out is another number than C.
# shows: id as-many-outputs-as-inputs
# shows: line Y = X.new_zeros(C, H - K.shape[2] + 1, W - K.shape[3] + 1)
# shows: line Y[o] += (X[c].unfold(0, K.shape[2], 1).unfold(1, K.shape[3], 1) * K[o, c]).sum((2, 3))
# shows: raises IndexError, RuntimeError
import torch

def corr2d_multi_in_out(X, K):
    C, H, W = X.shape
    if K.dim() != 4 or K.shape[1] != C:
        raise ValueError("channels")
    Y = X.new_zeros(C, H - K.shape[2] + 1, W - K.shape[3] + 1)
    for o in range(K.shape[0]):
        for c in range(C):
            Y[o] += (X[c].unfold(0, K.shape[2], 1).unfold(1, K.shape[3], 1) * K[o, c]).sum((2, 3))
    return Y
