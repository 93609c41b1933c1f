# assignment: channels
# question: corr2d_multi_in_out_1x1
# function: corr2d_multi_in_out_1x1
# kind: values
# says: reshape cuts anew and moves nothing: keep the channels first, (c, h * w).
# shows: id reshape-for-a-transpose
# shows: line X = X.reshape(h * w, c_i)
# also: id mismatch-reshaped-away, single-channels-broadcast, larger-kernels-cropped
import torch

def corr2d_multi_in_out_1x1(X, K):
    c_i, h, w = X.shape
    c_o = K.shape[0]
    X = X.reshape(h * w, c_i)
    K = K.reshape(c_o, c_i)
    Y = torch.matmul(K, X.T)
    return Y.reshape(c_o, h, w)
