# assignment: channels
# question: corr2d_multi_in_out
# function: corr2d_multi_in_out
# kind: raises
# says: A list of maps comes back; stack them to one tensor with torch.stack.
# shows: line return out
import torch

def corr2d_multi_in(X, K):
    if X.dim() != 3 or K.dim() != 3 or X.shape[0] != K.shape[0]:
        raise ValueError("channels")
    if K.shape[1] > X.shape[1] or K.shape[2] > X.shape[2]:
        raise ValueError("size")
    return torch.einsum("cijab,cab->ij", X.unfold(1, K.shape[1], 1).unfold(2, K.shape[2], 1), K)

def corr2d_multi_in_out(X, K):
    if K.dim() != 4:
        raise ValueError("K")
    out = []
    for o in range(K.shape[0]):
        out.append(corr2d_multi_in(X, K[o]))
    return out
