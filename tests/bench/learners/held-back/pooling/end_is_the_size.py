# assignment: pooling
# question: pool2d
# function: pool2d
# kind: raises
# says: The second window is empty: its end is j + pw, not pw.
# shows: line w = X[i:ph, j:pw]
# shows: line out[i, j] = w.max() if mode == "max" else w.mean()
# shows: raises IndexError, RuntimeError
# also: id zeros-always-float32, device-hard-coded, unknown-mode-accepted, oversized-window-accepted, channels-accepted
import torch

def pool2d(X, pool_size, mode="max"):
    ph, pw = (pool_size, pool_size) if isinstance(pool_size, int) else pool_size
    out = torch.zeros(X.shape[0] - ph + 1, X.shape[1] - pw + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            w = X[i:ph, j:pw]
            out[i, j] = w.max() if mode == "max" else w.mean()
    return out
