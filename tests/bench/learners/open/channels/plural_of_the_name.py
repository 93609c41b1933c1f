# assignment: channels
# question: corr2d_multi_in
# function: corr2d_multi_in
# kind: cell
# says: Your function is called corr2d_multi_ins; the name that is graded is corr2d_multi_in.
# shows: message corr2d_multi_ins
import torch

def corr2d_multi_ins(X, K):
    if X.dim() != 3 or K.dim() != 3 or X.shape[0] != K.shape[0]:
        raise ValueError("channels")
    if K.shape[1] > X.shape[1] or K.shape[2] > X.shape[2]:
        raise ValueError("size")
    return torch.einsum("cijab,cab->ij", X.unfold(1, K.shape[1], 1).unfold(2, K.shape[2], 1), K)
