# assignment: channels
# question: conv2d
# function: conv2d
# kind: values
# says: The stride is applied to the output's size, but windows still start at i and j.
# shows: id stride-only-in-the-size
import torch
import torch.nn.functional as F

def conv2d(X, W, b=None, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    if sh < 1 or sw < 1 or ph < 0 or pw < 0 or W.dim() != 4 or X.shape[1] != W.shape[1]:
        raise ValueError
    if b is not None and b.shape != (W.shape[0],):
        raise ValueError
    X = F.pad(X, (pw, pw, ph, ph))
    kh, kw = W.shape[2:]
    if kh > X.shape[2] or kw > X.shape[3]:
        raise ValueError
    oh, ow = (X.shape[2] - kh) // sh + 1, (X.shape[3] - kw) // sw + 1
    rows = []
    for i in range(oh):
        row = [torch.einsum("ncab,ocab->no", X[:, :, i:i + kh, j:j + kw], W) for j in range(ow)]
        rows.append(torch.stack(row, -1))
    Y = torch.stack(rows, -2)
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)
