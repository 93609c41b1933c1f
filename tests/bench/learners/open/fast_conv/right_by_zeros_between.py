# assignment: fast_conv
# question: conv2d_transposed
# function: conv2d_transposed
# kind: right
# says: Zeros between the pixels, and a convolution with the turned kernel.
import torch
import torch.nn.functional as F

def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    (sh, sw), (ph, pw) = ((v, v) if isinstance(v, int) else v for v in (stride, padding))
    N, C, H, Wd = X.shape
    _, O, kh, kw = W.shape
    if C != W.shape[0] or min(ph, pw) < 0:
        raise ValueError
    Z = X.new_zeros(N, C, (H - 1) * sh + 1, (Wd - 1) * sw + 1)
    Z[:, :, ::sh, ::sw] = X
    Z = F.pad(Z, (kw - 1, kw - 1, kh - 1, kh - 1)).unfold(2, kh, 1).unfold(3, kw, 1)
    Y = torch.einsum("ncijab,coab->noij", Z, W.flip(2, 3))
    rows, columns = Y.shape[2] - 2 * ph, Y.shape[3] - 2 * pw
    if rows < 1 or columns < 1:
        raise ValueError
    Y = Y[:, :, ph:ph + rows, pw:pw + columns]
    return Y if b is None else Y + b.view(-1, 1, 1)
