"""Call a private entry point of a forbidden operator.

control: naive
tiers: namespaces landlock
"""

import torch



def corr2d(X, K):
    return torch.mkldnn_convolution(
        X[None, None], K[None, None], None, (0, 0), (1, 1), (1, 1), 1
    )[0, 0]
