"""Call a forbidden operator through a layer.

control: naive
tiers: namespaces landlock
"""

import torch



def corr2d(X, K):
    layer = torch.nn.Conv2d(1, 1, tuple(K.shape), bias=False)
    layer.weight.data = K[None, None].detach()
    return layer(X[None, None])[0, 0]
