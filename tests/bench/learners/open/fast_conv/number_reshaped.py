# assignment: fast_conv
# question: conv2d_fast
# function: conv2d_fast
# kind: raises
# says: A method of tensors is called on an int: C_out is a number, W is the tensor.
# shows: line weight = cOut.reshape(cOut, -1)
# shows: raises AttributeError
import torch
import torch.nn.functional as F

def conv2d_fast(X, W, b=None, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    cOut, cIn, kh, kw = W.shape
    if cIn != X.shape[1] or sh < 1 or sw < 1 or ph < 0 or pw < 0:
        raise ValueError("shapes")
    P = F.pad(X, (pw, pw, ph, ph))
    win = P.unfold(2, kh, sh).unfold(3, kw, sw)
    n, _, oh, ow = win.shape[:4]
    cols = win.permute(0, 1, 4, 5, 2, 3).reshape(n, cIn * kh * kw, oh * ow)
    weight = cOut.reshape(cOut, -1)
    Y = weight @ cols
    if b is not None:
        Y = Y + b[:, None]
    return Y.reshape(n, cOut, oh, ow)
