# assignment: channels
# question: corr2d_multi_in_out
# function: corr2d_multi_in_out
# kind: values
# says: The sum is made once, before the loop over the outputs: each map still holds the ones before it.
# shows: id accumulator-not-reset
# shows: line s = 0
# shows: line s = s + X[c, a:a + oh, b:b + ow] * K[o, c, a, b]
import torch

def corr2d_multi_in_out(X, K):
    if X.dim() != 3 or K.dim() != 4 or X.shape[0] != K.shape[1]:
        raise ValueError("shapes")
    O, C, kh, kw = K.shape
    oh = X.shape[1] - kh + 1
    ow = X.shape[2] - kw + 1
    if oh < 1 or ow < 1:
        raise ValueError("kernel too large")
    maps = []
    s = 0
    for o in range(O):
        for c in range(C):
            for a in range(kh):
                for b in range(kw):
                    s = s + X[c, a:a + oh, b:b + ow] * K[o, c, a, b]
        maps.append(s)
    return torch.stack(maps)
