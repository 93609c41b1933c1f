# assignment: fast_conv
# question: conv2d_fast
# function: conv2d_fast
# kind: contract
# says: F.unfold takes no whole numbers; Tensor.unfold does.
# shows: id whole-numbers-unsupported
# shows: line cols = F.unfold(X, (kh, kw), stride=stride, padding=padding)
# shows: raises NotImplementedError, RuntimeError
import torch
import torch.nn.functional as F

def conv2d_fast(X, W, b=None, stride=1, padding=0):
    N, C, H, Wd = X.shape
    O, Ci, kh, kw = W.shape
    if C != Ci:
        raise ValueError("channels")
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    if ph < 0 or pw < 0 or sh < 1 or sw < 1 or kh > H + 2 * ph or kw > Wd + 2 * pw:
        raise ValueError("sizes")
    cols = F.unfold(X, (kh, kw), stride=stride, padding=padding)
    Y = torch.matmul(W.reshape(O, -1), cols)
    if b is not None:
        Y = Y + b.reshape(-1, 1)
    return Y.reshape(N, O, (H + 2 * ph - kh) // sh + 1, (Wd + 2 * pw - kw) // sw + 1)
