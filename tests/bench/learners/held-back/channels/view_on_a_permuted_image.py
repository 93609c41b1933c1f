# assignment: channels
# question: corr2d_multi_in_out_1x1
# function: corr2d_multi_in_out_1x1
# kind: contract
# says: view fails on a permuted image: reshape copies where it must.
# shows: id view-needs-contiguous
# shows: line pixels = X.view(X.size(0), -1)
# shows: raises RuntimeError
import torch

def corr2d_multi_in_out_1x1(X, K):
    if X.dim() != 3 or K.dim() != 4 or K.size(1) != X.size(0) or K.size(2) * K.size(3) != 1:
        raise ValueError("1x1!")
    pixels = X.view(X.size(0), -1)
    mixed = K.flatten(1) @ pixels
    return mixed.view(K.size(0), X.size(1), X.size(2))
