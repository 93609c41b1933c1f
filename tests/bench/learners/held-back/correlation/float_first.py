# assignment: correlation
# question: corr2d
# function: corr2d
# kind: contract
# says: .float() makes the answer float32 whatever the image is.
# shows: id zeros-always-float32
# shows: line X, K = X.float(), K.float()
import torch

def corr2d(X, K):
    X, K = X.float(), K.float()   # otherwise error with long
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1] or h * w == 0:
        raise ValueError("no place")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum(-1).sum(-1)
