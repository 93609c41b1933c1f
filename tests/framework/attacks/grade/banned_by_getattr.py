"""Call a forbidden operator under another name.

control: naive
tiers: namespaces landlock
"""

import torch



def corr2d(X, K):
    return getattr(torch, "conv" + "2d")(X[None, None], K[None, None])[0, 0]
