# assignment: channels
# question: conv2d
# function: conv2d
# kind: values
# says: The bias is added inside the loop over the input channels; once is enough.
# shows: id bias-once-per-input-channel
# shows: line y[:, o] += b[o]
# also: id surplus-input-channels-dropped, single-bias-stretched, oversized-kernel-gives-empty-maps, negative-padding-crops, division-by-a-stride-of-zero
import torch
import torch.nn.functional as F

def _pair(v):
    if isinstance(v, (tuple, list)):
        return v[0], v[1]
    return v, v

def conv2d(X, W, b=None, stride=1, padding=0):
    sh, sw = _pair(stride)
    ph, pw = _pair(padding)
    X = F.pad(X, (pw, pw, ph, ph))
    win = X.unfold(2, W.shape[2], sh).unfold(3, W.shape[3], sw)
    y = X.new_zeros(X.shape[0], W.shape[0], win.shape[2], win.shape[3])
    for o in range(W.shape[0]):
        for c in range(W.shape[1]):
            y[:, o] += (win[:, c] * W[o, c]).sum((-1, -2))
            if b is not None:
                y[:, o] += b[o]
    return y
