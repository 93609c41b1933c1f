# assignment: channels
# question: corr2d_multi_in_out
# function: corr2d_multi_in_out
# kind: values
# says: return torch.stack stands inside the loop: only the first kernel is used.
# shows: line return torch.stack(maps, 0)
import torch

def corr2d_multi_in(X, K):
    if X.dim() != 3 or K.dim() != 3 or X.shape[0] != K.shape[0]:
        raise ValueError("channels")
    if K.shape[1] > X.shape[1] or K.shape[2] > X.shape[2]:
        raise ValueError("size")
    return torch.einsum("cijab,cab->ij", X.unfold(1, K.shape[1], 1).unfold(2, K.shape[2], 1), K)

def corr2d_multi_in_out(X, K):
    maps = []
    for k in K:
        maps.append(corr2d_multi_in(X, k))
        return torch.stack(maps, 0)
