# assignment: correlation
# question: corr2d
# function: corr2d
# kind: cell
# says: Your cell stopped at its first line, import tensorflow, so that corr2d was never defined.
# shows: raises ModuleNotFoundError
# %%
import tensorflow as tf
import torch

def corr2d(X, K):
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1] or h * w == 0:
        raise ValueError('kernel size')
    wins = X.unfold(0, h, 1).unfold(1, w, 1)
    return (wins * K).sum((-2, -1))

# %%
print("done")
