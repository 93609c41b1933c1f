# assignment: geometry
# question: pad2d
# function: pad2d
# kind: values
# says: The bottom gets the top's number of rows; it has its own.
# shows: id both-sides-alike
# shows: line above, below = [X.new_zeros(X.shape[:-2] + (padding[0], X.shape[-1])) for _ in range(2)]
import torch
import torch.nn.functional as F

def pad2d(X, padding, mode="zeros"):
    if min(padding) < 0:
        raise ValueError("negative")
    if mode == "reflect":
        return F.pad(X, (padding[2], padding[3], padding[0], padding[1]), mode="reflect")
    if mode != "zeros":
        raise ValueError("mode")
    above, below = [X.new_zeros(X.shape[:-2] + (padding[0], X.shape[-1])) for _ in range(2)]
    X = torch.cat([above, X, below], dim=-2)
    left = X.new_zeros(X.shape[:-1] + (padding[2],))
    right = X.new_zeros(X.shape[:-1] + (padding[3],))
    return torch.cat([left, X, right], dim=-1)
