# assignment: pooling
# question: global_avg_pool2d
# function: global_avg_pool2d
# kind: raises
# says: There are N times C averages, and view wants N by 1: every channel keeps its own.
# shows: line return means.view(X.shape[0], 1)
# shows: raises RuntimeError
import torch

def global_avg_pool2d(X):
    assert X.dim() == 4
    means = X.mean(dim=3).mean(dim=2)
    return means.view(X.shape[0], 1)
