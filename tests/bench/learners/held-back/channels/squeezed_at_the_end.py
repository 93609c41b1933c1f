# assignment: channels
# question: corr2d_multi_in_out
# function: corr2d_multi_in_out
# kind: values
# says: squeeze() drops every axis of size one, also the one of a single kernel.
# shows: id axes-of-one-dropped
# shows: line return res.squeeze()
# also: id surplus-channels-dropped, oversized-kernels-accepted
import torch

def corr2d_multi_in_out(X, K):
    w = X.unsqueeze(0).unfold(2, K.size(2), 1).unfold(3, K.size(3), 1)
    res = torch.einsum("nchwij,ocij->nohw", w, K)
    return res.squeeze()
