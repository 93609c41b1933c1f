# assignment: channels
# question: conv2d
# function: conv2d
# kind: contract
# says: A batch may be empty, and torch.stack cannot stack nothing.
# shows: id empty-batch-fails
# shows: line return torch.stack(images)
# shows: raises RuntimeError
import torch
import torch.nn.functional as F

def conv2d(X, W, b=None, stride=1, padding=0):
    st = (stride,) * 2 if isinstance(stride, int) else stride
    pd = (padding,) * 2 if isinstance(padding, int) else padding
    if min(st) < 1 or min(pd) < 0 or X.shape[1] != W.shape[1]:
        raise ValueError("wrong arguments")
    if b is not None and b.shape != W.shape[:1]:
        raise ValueError("bias")
    images = []
    for img in X:
        p = F.pad(img, (pd[1], pd[1], pd[0], pd[0]))
        cols = p.unfold(1, W.shape[2], st[0]).unfold(2, W.shape[3], st[1])
        y = torch.einsum("chwab,ocab->ohw", cols, W)
        if b is not None:
            y = y + b.view(-1, 1, 1)
        images.append(y)
    return torch.stack(images)
