# assignment: geometry
# question: pad2d
# function: pad2d
# kind: values
# says: F.pad begins with the last axis: left, right, top, bottom.
# shows: id height-and-width-exchanged
# shows: line return F.pad(X, (top, bottom, left, right), mode=torch_mode)
import torch
import torch.nn.functional as F

def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = padding
    if min(top, bottom, left, right) < 0:
        raise ValueError("negative padding")
    if mode == "zeros":
        torch_mode = "constant"
    elif mode == "reflect":
        torch_mode = "reflect"
        if max(top, bottom) >= X.shape[-2] or max(left, right) >= X.shape[-1]:
            raise ValueError("reflection too wide")
    else:
        raise ValueError(mode)
    return F.pad(X, (top, bottom, left, right), mode=torch_mode)
