# assignment: channels
# question: corr2d_multi_in_out
# function: corr2d_multi_in_out
# kind: values
# says: cat lays the maps below each other; stack gives each its own place on a new axis.
# shows: id maps-concatenated
# shows: line return torch.cat([corr2d_multi_in(X, K[o]) for o in range(K.shape[0])], dim=0)
# also: id surplus-channels-dropped, oversized-kernels-accepted
import torch

def corr2d_multi_in(X, K):
    return (X.unfold(1, K.shape[1], 1).unfold(2, K.shape[2], 1) * K[:, None, None]).sum((0, 3, 4))

def corr2d_multi_in_out(X, K):
    return torch.cat([corr2d_multi_in(X, K[o]) for o in range(K.shape[0])], dim=0)
