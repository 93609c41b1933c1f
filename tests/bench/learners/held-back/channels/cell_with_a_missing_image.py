# assignment: channels
# question: corr2d_multi_in
# function: corr2d_multi_in
# kind: cell
# says: The cell stopped where it opens a picture that is not here, before the function was defined.
# shows: line img = open("cat.jpg", "rb").read()
# shows: raises FileNotFoundError, OSError
# %%
import torch
img = open("cat.jpg", "rb").read()

def corr2d_multi_in(X, K):
    if X.dim() != 3 or K.dim() != 3 or X.shape[0] != K.shape[0]:
        raise ValueError("channels")
    if K.shape[1] > X.shape[1] or K.shape[2] > X.shape[2]:
        raise ValueError("size")
    return (X.unfold(1, K.shape[1], 1).unfold(2, K.shape[2], 1) * K[:, None, None]).sum((0, 3, 4))
