"""Call a forbidden operator through torch.ops.

control: naive
tiers: namespaces landlock
"""

import torch



def corr2d(X, K):
    return torch.ops.aten.convolution(
        X[None, None], K[None, None], None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1
    )[0, 0]
