# assignment: correlation
# question: corr2d
# function: corr2d
# kind: contract
# says: float() in the list cuts gradients and integers become float32.
# shows: id graph-cut
# shows: line s += float(X[i + a][j + b]) * float(K[a][b])
# also: id zeros-always-float32
import torch

def corr2d(X, K):
    kh, kw = K.shape
    H, W = X.shape
    assert kh <= H and kw <= W and kh > 0 and kw > 0
    result = []
    for i in range(H - kh + 1):
        row = []
        for j in range(W - kw + 1):
            s = 0.0
            for a in range(kh):
                for b in range(kw):
                    s += float(X[i + a][j + b]) * float(K[a][b])
            row.append(s)
        result.append(row)
    return torch.tensor(result)
