# assignment: channels
# question: corr2d_multi_in_out_1x1
# function: corr2d_multi_in_out_1x1
# kind: right
import torch

def corr2d_multi_in_out_1x1(X, K):
    if X.dim() != 3 or K.dim() != 4 or K.shape[1:] != (X.shape[0], 1, 1):
        raise ValueError("1x1 kernels for as many channels as X has")
    # every pixel goes through the same linear layer (NiN)
    pixels_last = X.permute(1, 2, 0)
    out = pixels_last @ K[:, :, 0, 0].t()
    return out.permute(2, 0, 1)
