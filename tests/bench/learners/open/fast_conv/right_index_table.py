# assignment: fast_conv
# question: im2col
# function: im2col
# kind: right
import torch
import torch.nn.functional as F

def im2col(X, kernel, stride=1, padding=0):
    kh, kw = (kernel, kernel) if isinstance(kernel, int) else kernel
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = X.shape
    if min(sh, sw, kh, kw) < 1 or min(ph, pw) < 0 or kh > H + 2 * ph or kw > W + 2 * pw:
        raise ValueError("no window fits")
    P = F.pad(X, (pw, pw, ph, ph))
    oh, ow = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    dev = X.device
    rows = torch.arange(kh, device=dev)[:, None] + sh * torch.arange(oh, device=dev)[None]
    cols = torch.arange(kw, device=dev)[:, None] + sw * torch.arange(ow, device=dev)[None]
    picked = P[:, :, rows[:, None, :, None], cols[None, :, None, :]]
    return picked.reshape(N, C * kh * kw, oh * ow)
