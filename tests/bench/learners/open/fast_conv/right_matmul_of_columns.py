# assignment: fast_conv
# question: conv2d_fast
# function: conv2d_fast
# kind: right
import torch
import torch.nn.functional as F

def conv2d_fast(X, W, b=None, stride=1, padding=0):
    """Flip nothing, loop over the kernel only (kh * kw small matrix products)."""
    sh, sw = stride if isinstance(stride, (tuple, list)) else (stride, stride)
    ph, pw = padding if isinstance(padding, (tuple, list)) else (padding, padding)
    (N, C, H, Wd), (O, I, kh, kw) = X.shape, W.shape
    if I != C or sh < 1 or sw < 1 or ph < 0 or pw < 0 or kh > H + 2 * ph or kw > Wd + 2 * pw:
        raise ValueError("X, W, stride and padding do not fit together")
    P = F.pad(X, (pw, pw, ph, ph))
    oh, ow = (H + 2 * ph - kh) // sh + 1, (Wd + 2 * pw - kw) // sw + 1
    Y = X.new_zeros(N, O, oh * ow)
    for t in range(kh * kw):
        u, v = divmod(t, kw)
        g = P[:, :, u:u + (oh - 1) * sh + 1:sh, v:v + (ow - 1) * sw + 1:sw].reshape(N, C, oh * ow)
        Y = Y + torch.matmul(W[:, :, u, v], g)
    if b is not None:
        Y = Y + b.unsqueeze(-1)
    return Y.reshape(N, O, oh, ow)
