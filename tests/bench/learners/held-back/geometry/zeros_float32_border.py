# assignment: geometry
# question: pad2d
# function: pad2d
# kind: contract
# says: torch.zeros makes float32 on the CPU; take dtype and device of X.
# shows: id border-always-float32, border-on-the-cpu
# shows: line res = torch.zeros(*X.shape[:-2], top + X.shape[-2] + bottom, left + X.shape[-1] + right)
import torch

def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = padding
    if min(padding) < 0 or mode not in ["zeros", "reflect"]:
        raise ValueError("no")
    if mode == "reflect":
        return torch.nn.ReflectionPad2d((left, right, top, bottom))(X)
    res = torch.zeros(*X.shape[:-2], top + X.shape[-2] + bottom, left + X.shape[-1] + right)
    res[..., top:top + X.shape[-2], left:left + X.shape[-1]] = X
    return res
