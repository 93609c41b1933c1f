# assignment: channels
# question: corr2d_multi_in
# function: corr2d_multi_in
# kind: right
import torch

class Correlator(object):
    def __init__(self, kernel):
        self.kernel = kernel

    def __call__(self, plane):
        kh, kw = self.kernel.shape
        H, W = plane.shape
        if kh > H or kw > W or kh * kw == 0:
            raise ValueError("kernel too big")
        parts = [plane[i:H - kh + 1 + i, j:W - kw + 1 + j] * self.kernel[i, j]
                 for i in range(kh) for j in range(kw)]
        return torch.stack(parts).sum(0)

def corr2d_multi_in(X, K):
    if X.dim() != 3 or K.dim() != 3 or X.shape[0] != K.shape[0]:
        raise ValueError("channels")
    planes = [Correlator(K[c])(X[c]) for c in range(X.shape[0])]
    return torch.stack(planes, dim=-1).sum(-1)
