# assignment: pooling
# question: pool2d_full
# function: pool2d_full
# kind: values
# says: The maximum runs over the channels, too: each channel is pooled by itself.
# shows: line win = P[n, :, i * sh:i * sh + kh, j * sw:j * sw + kw]
import torch
import torch.nn.functional as F

def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    pair = lambda v: (v, v) if isinstance(v, int) else tuple(v)
    kh, kw = pair(kernel)
    sh, sw = pair(kernel if stride is None else stride)
    ph, pw = pair(padding)
    if X.dim() != 4 or ph < 0 or pw < 0 or sh < 1 or sw < 1:
        raise ValueError
    if mode not in ("max", "avg"):
        raise ValueError
    N, C, H, W = X.shape
    low = 0 if mode == "avg" else float("-inf") if X.is_floating_point() else torch.iinfo(X.dtype).min
    P = F.pad(X, (pw, pw, ph, ph), value=low)
    oh, ow = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    if kh > H + 2 * ph or kw > W + 2 * pw:
        raise ValueError
    Y = X.new_zeros(N, C, oh, ow)
    for n in range(N):
        for c in range(C):
            for i in range(oh):
                for j in range(ow):
                    win = P[n, :, i * sh:i * sh + kh, j * sw:j * sw + kw]
                    Y[n, c, i, j] = win.max() if mode == "max" else win.mean()
    return Y
