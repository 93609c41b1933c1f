# assignment: channels
# question: corr2d_multi_in_out_1x1
# function: corr2d_multi_in_out_1x1
# kind: raises
# says: K has four axes and two names are given for them.
# shows: line c_o, c_i = K.shape
# shows: raises ValueError
import torch

def corr2d_multi_in_out_1x1(X, K):
    c, h, w = X.shape
    c_o, c_i = K.shape
    if c != c_i:
        raise ValueError("channels do not match")
    Y = K.reshape(c_o, c_i) @ X.reshape(c_i, h * w)
    return Y.reshape(c_o, h, w)
