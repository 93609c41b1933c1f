# assignment: channels
# question: conv2d
# function: conv2d
# kind: values
# says: y + b lines b up with the width; give it the shape (1, C_out, 1, 1).
# shows: id bias-along-the-width
# shows: line Y += b
# shows: raises RuntimeError
# also: id surplus-input-channels-dropped, single-bias-stretched, oversized-kernel-gives-empty-maps, negative-padding-crops, division-by-a-stride-of-zero
import torch
import torch.nn.functional as F

def conv2d(X, W, b=None, stride=1, padding=0):
    if isinstance(stride, int):
        stride = (stride, stride)
    if isinstance(padding, int):
        padding = (padding, padding)
    Xp = F.pad(X, (padding[1], padding[1], padding[0], padding[0]))
    patches = Xp.unfold(2, W.shape[2], stride[0]).unfold(3, W.shape[3], stride[1])
    Y = torch.tensordot(patches, W, dims=([1, 4, 5], [1, 2, 3])).permute(0, 3, 1, 2)
    if b is not None:
        Y += b
    return Y
