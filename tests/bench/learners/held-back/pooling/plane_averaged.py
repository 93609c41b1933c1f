# assignment: pooling
# question: global_avg_pool2d
# function: global_avg_pool2d
# kind: contract
# says: An image without channels is averaged as well; it has to be refused.
# shows: id global-plane-accepted
# shows: line return X.sum(-1).sum(-1) / (X.shape[-1] * X.shape[-2])
import torch

def global_avg_pool2d(X):
    return X.sum(-1).sum(-1) / (X.shape[-1] * X.shape[-2])
