# assignment: channels
# question: conv2d
# function: conv2d
# kind: values
# says: The first number of the stride is the height's, and you use it for the width.
# shows: id strides-swapped
# shows: line sw, sh = (stride, stride) if isinstance(stride, int) else stride
import torch
import torch.nn.functional as F

def conv2d(X, W, b=None, stride=1, padding=0):
    sw, sh = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    if min(sw, sh) < 1 or min(ph, pw) < 0:
        raise ValueError("stride and padding")
    if W.dim() != 4 or W.shape[1] != X.shape[1]:
        raise ValueError("in channels")
    if b is not None and b.shape != W.shape[:1]:
        raise ValueError("bias shape")
    P = F.pad(X, [pw, pw, ph, ph])
    kh, kw = W.shape[-2:]
    oh = P.shape[2] - kh + 1
    ow = P.shape[3] - kw + 1
    if oh < 1 or ow < 1:
        raise ValueError("kernel too large")
    Y = 0
    for u in range(kh):
        for v in range(kw):
            part = P[:, :, u:u + oh:sh, v:v + ow:sw]
            Y = Y + torch.einsum("nchw,oc->nohw", part, W[:, :, u, v])
    if b is not None:
        Y = Y + b.view(1, -1, 1, 1)
    return Y
