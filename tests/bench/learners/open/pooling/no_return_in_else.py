# assignment: pooling
# question: pool2d
# function: pool2d
# kind: raises
# says: In the mode avg the function ends without return, and answers None.
# shows: line Y = windows.mean(dim=(2, 3))
# shows: line def pool2d(X, pool_size, mode='max'):
# shows: line return Y
import torch

def pool2d(X, pool_size, mode='max'):
    if isinstance(pool_size, int):
        pool_size = (pool_size, pool_size)
    if X.dim() != 2 or mode not in ('max', 'avg'):
        raise ValueError('bad call')
    windows = X.unfold(0, pool_size[0], 1).unfold(1, pool_size[1], 1)
    if mode == 'max':
        Y = windows.amax(dim=(2, 3))
        return Y
    else:
        Y = windows.mean(dim=(2, 3))
