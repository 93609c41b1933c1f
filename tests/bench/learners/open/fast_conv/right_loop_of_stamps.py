# assignment: fast_conv
# question: conv2d_transposed
# function: conv2d_transposed
# kind: right
import torch

def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    def two(v):
        return (v, v) if isinstance(v, int) else tuple(v)
    (sh, sw), (ph, pw) = two(stride), two(padding)
    N, C, H, Wd = X.shape
    if W.dim() != 4 or W.shape[0] != C or min(ph, pw) < 0 or min(sh, sw) < 1:
        raise ValueError("arguments")
    O, kh, kw = W.shape[1:]
    bigH, bigW = (H - 1) * sh + kh, (Wd - 1) * sw + kw
    if bigH - 2 * ph < 1 or bigW - 2 * pw < 1:
        raise ValueError("padding crops everything")
    Y = X.new_zeros((N, O, bigH, bigW))
    for u in range(kh):
        for v in range(kw):
            Y[:, :, u:u + (H - 1) * sh + 1:sh, v:v + (Wd - 1) * sw + 1:sw] += (
                X[:, :, None] * W[None, :, :, u, v, None, None]).sum(1)
    Y = Y[:, :, ph:bigH - ph, pw:bigW - pw]
    if b is not None:
        if b.shape != (O,):
            raise ValueError("b")
        Y = Y + b[:, None, None]
    return Y
