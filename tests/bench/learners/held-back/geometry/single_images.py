# assignment: geometry
# question: pad2d
# function: pad2d
# kind: raises
# says: An image may have axes before height and width: X.shape[-2:], not four names or two.
# shows: id images-only, batches-only
# shows: line h, w = X.shape
# shows: raises ValueError
import torch

def pad2d(X, padding, mode="zeros"):
    t, b, l, r = padding
    if t < 0 or b < 0 or l < 0 or r < 0:
        raise ValueError("negative")
    h, w = X.shape
    if mode == "zeros":
        Y = torch.zeros(t + h + b, l + w + r, dtype=X.dtype, device=X.device)
        Y[t:t + h, l:l + w] = X
        return Y
    elif mode == "reflect":
        return torch.nn.functional.pad(X[None], (l, r, t, b), mode="reflect")[0]
    raise ValueError("mode")
