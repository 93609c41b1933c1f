# assignment: pooling
# question: global_avg_pool2d
# function: global_avg_pool2d
# kind: values
# says: Two axes of size one are left: the answer is (N, C).
# shows: id dimensions-kept
# shows: line return torch.mean(X, dim=[2, 3], keepdim=True)
# also: id global-plane-accepted
import torch

def global_avg_pool2d(X):
    return torch.mean(X, dim=[2, 3], keepdim=True)
