# assignment: correlation
# question: conv2d_true
# function: conv2d_true
# kind: raises
# says: corr_2d is not defined; your function is called corr2d.
# shows: line return corr_2d(X, torch.flip(K, dims=[0, 1]))
# shows: raises NameError
import torch

def corr2d(X, K):
    h, w = K.shape
    if X.dim() != 2 or h > X.shape[0] or w > X.shape[1] or h * w == 0:
        raise ValueError("no place")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((-1, -2))

def conv2d_true(X, K):
    return corr_2d(X, torch.flip(K, dims=[0, 1]))
