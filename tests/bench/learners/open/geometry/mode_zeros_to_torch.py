# assignment: geometry
# question: pad2d
# function: pad2d
# kind: raises
# says: torch knows no mode "zeros"; it is called "constant" there.
# shows: line return F.pad(X, (l, r, t, b), mode=mode)
# shows: raises NotImplementedError
# also: id unknown-mode-left-to-torch
import torch.nn.functional as F

def pad2d(X, padding, mode="zeros"):
    t, b, l, r = padding
    for p in padding:
        if p < 0:
            raise ValueError("p")
    return F.pad(X, (l, r, t, b), mode=mode)
