# assignment: channels
# question: corr2d_multi_in_out_1x1
# function: corr2d_multi_in_out_1x1
# kind: right
import torch

def corr2d_multi_in_out_1x1(X, K):
    c, h, w = X.shape
    o, i, a, b = K.shape
    if (i, a, b) != (c, 1, 1):
        raise ValueError("K has to be (out, %d, 1, 1)" % c)
    return torch.bmm(K.reshape(1, o, c), X.reshape(1, c, h * w)).reshape(o, h, w)
