# assignment: correlation
# question: corr2d
# function: corr2d
# kind: cell
# says: The function is called Corr2D here; it has to be corr2d.
# shows: message Corr2D
import torch

def Corr2D(X, K):
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1] or h * w == 0:
        raise ValueError('kernel size')
    wins = X.unfold(0, h, 1).unfold(1, w, 1)
    return (wins * K).sum((-2, -1))
