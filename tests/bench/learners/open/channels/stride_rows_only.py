# assignment: channels
# question: conv2d
# function: conv2d
# kind: values
# says: The width has a stride of its own, and you take the height's for both.
# shows: id first-stride-for-both
# shows: line left = j * sh
import torch
import torch.nn.functional as F

def conv2d(X, W, b=None, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    if sh < 1 or sw < 1 or ph < 0 or pw < 0:
        raise ValueError("stride/padding")
    if W.dim() != 4 or X.shape[1] != W.shape[1]:
        raise ValueError("channels")
    if b is not None and b.shape != (W.shape[0],):
        raise ValueError("bias")
    Xp = F.pad(X, (pw, pw, ph, ph))
    kh, kw = W.shape[2:]
    oh = (Xp.shape[2] - kh) // sh + 1
    ow = (Xp.shape[3] - kw) // sw + 1
    if kh > Xp.shape[2] or kw > Xp.shape[3]:
        raise ValueError("kernel too large")
    out = X.new_zeros(X.shape[0], W.shape[0], oh, ow)
    for i in range(oh):
        for j in range(ow):
            top = i * sh
            left = j * sh
            win = Xp[:, :, top:top + kh, left:left + kw]
            win = F.pad(win, (0, kw - win.shape[3]))
            out[:, :, i, j] = (win[:, None] * W[None]).sum((2, 3, 4))
    if b is not None:
        out = out + b.reshape(1, -1, 1, 1)
    return out
