# assignment: channels
# question: corr2d_multi_in_out_1x1
# function: corr2d_multi_in_out_1x1
# kind: values
# says: The kernel's matrix is reshaped to (c_in, c_out) and multiplied transposed.
# shows: id weights-reshaped-not-transposed
import torch

def corr2d_multi_in_out_1x1(X, K):
    c_i, h, w = X.shape
    c_o = K.shape[0]
    if K.shape[1] != c_i or K.shape[2:] != (1, 1):
        raise ValueError
    X = X.reshape(c_i, h * w)
    K = K.reshape(c_i, c_o)
    return (K.T @ X).reshape(c_o, h, w)
