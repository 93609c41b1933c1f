# assignment: channels
# question: corr2d_multi_in
# function: corr2d_multi_in
# kind: values
# says: sum(0) adds the channels; here the window's columns are added, and the channels are left.
# shows: id channels-not-added
# shows: line return prod.sum(dim=(3, 4))
# also: id channels-zipped, one-channel-stretched, oversized-kernel-accepted
import torch

def corr2d_multi_in(X, K):
    patches = X.unfold(1, K.shape[1], 1).unfold(2, K.shape[2], 1)
    prod = patches * K[:, None, None]
    return prod.sum(dim=(3, 4))
