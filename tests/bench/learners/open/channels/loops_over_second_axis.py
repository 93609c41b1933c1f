# assignment: channels
# question: corr2d_multi_in_out
# function: corr2d_multi_in_out
# kind: values
# says: K's first axis counts the outputs and its second the inputs; you take them the other way round.
# shows: id in-and-out-swapped, as-many-outputs-as-inputs
# shows: line for o in range(K.shape[1]):
# shows: line kernel = K[:, o]
# also: id surplus-channels-dropped
# also: id surplus-channels-dropped, oversized-kernels-accepted
import torch

def corr2d_multi_in(X, K):
    total = 0
    oh, ow = X.shape[1] - K.shape[1] + 1, X.shape[2] - K.shape[2] + 1
    for c in range(min(X.shape[0], K.shape[0])):
        for a in range(K.shape[1]):
            for b in range(K.shape[2]):
                total = total + X[c, a:a + oh, b:b + ow] * K[c, a, b]
    return total

def corr2d_multi_in_out(X, K):
    outs = []
    for o in range(K.shape[1]):
        kernel = K[:, o]
        outs.append(corr2d_multi_in(X, kernel))
    return torch.stack(outs)
