# assignment: channels
# question: corr2d_multi_in_out_1x1
# function: corr2d_multi_in_out_1x1
# kind: values
# says: The answer is reshaped to (c_out, w, h): height comes first.
# shows: id height-and-width-swapped
# shows: line return torch.mm(weight, flat).reshape(cOut, w, h)
# also: id mismatch-reshaped-away, single-channels-broadcast, larger-kernels-cropped
import torch

def corr2d_multi_in_out_1x1(X, K):
    cIn, h, w = X.shape
    cOut = K.shape[0]
    flat = X.reshape(cIn, -1)
    weight = K[:, :, 0, 0]
    return torch.mm(weight, flat).reshape(cOut, w, h)
