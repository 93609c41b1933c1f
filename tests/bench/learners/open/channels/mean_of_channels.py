# assignment: channels
# question: corr2d_multi_in
# function: corr2d_multi_in
# kind: values
# says: The channels are added up, not averaged.
# shows: id channels-averaged
# shows: line return torch.stack(maps).mean(0)
# also: id channels-zipped, one-channel-stretched, oversized-kernel-accepted
import torch

def corr2d(X, K):
    h, w = K.shape
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))

def corr2d_multi_in(X, K):
    maps = []
    for c in range(X.shape[0]):
        maps.append(corr2d(X[c], K[c]))
    return torch.stack(maps).mean(0)
