# assignment: channels
# question: conv2d
# function: conv2d
# kind: raises
# says: A tensor has no attribute shpae: a typing error for shape.
# shows: line n, c, h, w = X.shpae
# shows: raises AttributeError
# also: id single-bias-stretched, negative-padding-crops
import torch
import torch.nn.functional as F

def conv2d(X, W, b=None, stride=1, padding=0):
    n, c, h, w = X.shpae
    o, c2, kh, kw = W.shape
    if c != c2:
        raise ValueError("channels")
    s = stride if isinstance(stride, tuple) else (stride, stride)
    p = padding if isinstance(padding, tuple) else (padding, padding)
    X = F.pad(X, (p[1], p[1], p[0], p[0]))
    Y = torch.einsum("nchwij,ocij->nohw", X.unfold(2, kh, s[0]).unfold(3, kw, s[1]), W)
    return Y if b is None else Y + b[:, None, None]
