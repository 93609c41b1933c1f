# assignment: fast_conv
# question: im2col
# function: im2col
# kind: values
# says: A window is a column of the answer, and yours is a row.
# shows: id windows-as-rows
# shows: line return win.permute(0, 2, 3, 1, 4, 5).reshape(N, L, C * kh * kw)
import torch
import torch.nn.functional as F

def im2col(X, kernel, stride=1, padding=0):
    kh, kw = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    sh, sw = stride if isinstance(stride, tuple) else (stride, stride)
    ph, pw = padding if isinstance(padding, tuple) else (padding, padding)
    N, C, H, W = X.shape
    if sh < 1 or sw < 1 or ph < 0 or pw < 0 or kh > H + 2 * ph or kw > W + 2 * pw:
        raise ValueError("window")
    P = F.pad(X, (pw, pw, ph, ph))
    win = P.unfold(2, kh, sh).unfold(3, kw, sw)
    L = win.shape[2] * win.shape[3]
    return win.permute(0, 2, 3, 1, 4, 5).reshape(N, L, C * kh * kw)
