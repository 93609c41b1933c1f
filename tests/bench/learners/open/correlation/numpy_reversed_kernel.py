# assignment: correlation
# question: corr2d
# function: corr2d
# kind: values
# says: You turn the kernel by 180 degrees, which makes a true convolution; here it is used as it is.
# shows: id kernel-flipped
# shows: line k = np.array(K)[::-1, ::-1]
# also: id graph-cut, zeros-always-float32, device-hard-coded, oversized-kernel-accepted
# also: id oversized-kernel-accepted
import numpy as np
import torch

def corr2d(X, K):
    x = np.array(X)
    k = np.array(K)[::-1, ::-1]     # convolution means: flip
    H, W = x.shape
    kh, kw = k.shape
    res = np.zeros((H - kh + 1, W - kw + 1), dtype=x.dtype)
    for r in range(H - kh + 1):
        for c in range(W - kw + 1):
            res[r, c] = np.sum(x[r:r + kh, c:c + kw] * k)
    return torch.tensor(res)
