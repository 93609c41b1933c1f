# assignment: pooling
# question: global_avg_pool2d
# function: global_avg_pool2d
# kind: contract
# says: detach and numpy cut the graph: stay with torch's mean.
# shows: id global-graph-cut, global-through-numpy
# shows: line arr = X.detach().cpu().numpy()
# also: id global-device-hard-coded
import numpy as np
import torch

def global_avg_pool2d(X):
    if X.ndim != 4:
        raise ValueError("X has to be (N, C, H, W)")
    arr = X.detach().cpu().numpy()
    return torch.from_numpy(np.mean(arr, axis=(2, 3)))
