# assignment: fast_conv
# question: conv2d_dilated
# function: conv2d_dilated
# kind: raises
# says: The size is computed for the kernel without its gaps: use dilation * (k - 1) + 1.
# shows: id size-of-the-dense-kernel
# shows: line oh = (H + 2 * p[0] - kh) // s[0] + 1
# shows: line ow = (Wd + 2 * p[1] - kw) // s[1] + 1
# shows: raises RuntimeError
import torch
import torch.nn.functional as F

def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    two = lambda t: (t, t) if isinstance(t, int) else t
    s, p, d = two(stride), two(padding), two(dilation)
    N, C, H, Wd = X.shape
    O, Ci, kh, kw = W.shape
    if C != Ci or min(s) < 1 or min(p) < 0 or min(d) < 1:
        raise ValueError("arguments")
    oh = (H + 2 * p[0] - kh) // s[0] + 1
    ow = (Wd + 2 * p[1] - kw) // s[1] + 1
    P = F.pad(X, (p[1], p[1], p[0], p[0]))
    Y = X.new_zeros(N, O, oh, ow)
    for u in range(kh):
        for v in range(kw):
            g = P[:, :, u * d[0]:, v * d[1]:][:, :, ::s[0], ::s[1]][:, :, :oh, :ow]
            Y = Y + torch.einsum("nchw,oc->nohw", g, W[:, :, u, v])
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)
