# assignment: fast_conv
# question: conv2d_fast
# function: conv2d_fast
# kind: values
# says: W.reshape(-1, C_out) mixes the kernels: one kernel a row is W.reshape(C_out, -1).
# shows: id weights-scrambled
# shows: line Wm = W.reshape(-1, W.shape[0]).T
import torch
import torch.nn.functional as F

def conv2d_fast(X, W, b=None, stride=1, padding=0):
    s = (stride, stride) if isinstance(stride, int) else stride
    p = (padding, padding) if isinstance(padding, int) else padding
    if X.shape[1] != W.shape[1] or min(s) < 1 or min(p) < 0:
        raise ValueError("arguments do not fit together")
    X = F.pad(X, (p[1], p[1], p[0], p[0]))
    u = X.unfold(2, W.shape[2], s[0]).unfold(3, W.shape[3], s[1])   # N C H' W' kh kw
    N, C, H, Wd, kh, kw = u.shape
    u = u.permute(0, 2, 3, 1, 4, 5).reshape(N, H * Wd, C * kh * kw)
    Wm = W.reshape(-1, W.shape[0]).T
    out = u @ Wm.T
    if b is not None:
        out = out + b
    return out.transpose(1, 2).reshape(N, W.shape[0], H, Wd)
