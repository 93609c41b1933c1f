# assignment: pooling
# question: pool2d
# function: pool2d
# kind: right
import torch

def pool2d(X, pool_size, mode="max"):
    (H, W) = X.shape
    try:
        ph, pw = pool_size
    except TypeError:
        ph = pw = pool_size
    if ph > H or pw > W or ph < 1 or pw < 1:
        raise ValueError("窗口太大")
    if mode not in ("max", "avg"):
        raise ValueError("mode 必须是 max 或 avg")
    acc = X[:H - ph + 1, :W - pw + 1]
    for idx in range(1, ph * pw):
        a, b = divmod(idx, pw)
        nxt = X[a:a + H - ph + 1, b:b + W - pw + 1]
        acc = torch.where(nxt > acc, nxt, acc) if mode == "max" else acc + nxt
    return acc if mode == "max" else acc / (ph * pw)
