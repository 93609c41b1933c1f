# assignment: pooling
# question: pool2d
# function: pool2d
# kind: values
# says: The search begins at 0, which no negative pixel can beat: begin with the window's first pixel.
# shows: id max-starts-at-zero
# shows: line m = torch.zeros(H - ph + 1, W - pw + 1)
# also: id only-pairs
# also: line ph, pw = pool_size
# also: id oversized-window-accepted, channels-accepted, unknown-mode-accepted
# also: id zeros-always-float32, device-hard-coded
import torch

def pool2d(X, pool_size, mode="max"):
    ph, pw = pool_size
    H, W = X.shape
    if mode == "max":
        m = torch.zeros(H - ph + 1, W - pw + 1)
        for a in range(ph):
            for b in range(pw):
                m = torch.maximum(m, X[a:a + H - ph + 1, b:b + W - pw + 1])
        return m
    elif mode == "avg":
        s = 0
        for a in range(ph):
            for b in range(pw):
                s = s + X[a:a + H - ph + 1, b:b + W - pw + 1]
        return s / (ph * pw)
    raise ValueError("mode")
