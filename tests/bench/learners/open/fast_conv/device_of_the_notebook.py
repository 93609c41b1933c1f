# assignment: fast_conv
# question: im2col
# function: im2col
# kind: contract
# says: The columns are made on the CPU, wherever X is: say device=X.device.
# shows: id columns-on-a-fixed-device
# shows: line cols = torch.zeros(n, c, kh, kw, oh, ow, dtype=X.dtype, device=device)
# shows: line device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
import torch
import torch.nn.functional as F

device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")

def im2col(X, kernel, stride=1, padding=0):
    kh, kw = (kernel, kernel) if isinstance(kernel, int) else kernel
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    n, c, h, w = X.shape
    if min(sh, sw) < 1 or min(ph, pw) < 0 or kh > h + 2 * ph or kw > w + 2 * pw:
        raise ValueError("no window")
    oh, ow = (h + 2 * ph - kh) // sh + 1, (w + 2 * pw - kw) // sw + 1
    P = F.pad(X, (pw, pw, ph, ph))
    cols = torch.zeros(n, c, kh, kw, oh, ow, dtype=X.dtype, device=device)
    for a in range(kh):
        for e in range(kw):
            cols[:, :, a, e] = P[:, :, a:a + (oh - 1) * sh + 1:sh, e:e + (ow - 1) * sw + 1:sw]
    return cols.reshape(n, c * kh * kw, oh * ow)
