# assignment: geometry
# question: pad2d
# function: pad2d
# kind: values
# says: The image starts behind the top and left border: row top, not row bottom.
# shows: id opposite-sides-exchanged, rows-exchanged
# shows: line out[..., bottom:bottom + H, left:left + W] = X
# also: id negative-padding-crops, any-mode-is-zeros, reflected-over-and-over
import torch

def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = padding
    H, W = X.shape[-2:]
    if mode == "reflect":
        return torch.nn.functional.pad(X, (left, right, top, bottom), "reflect")
    shape = list(X.shape[:-2]) + [top + H + bottom, left + W + right]
    out = X.new_zeros(shape)
    out[..., bottom:bottom + H, left:left + W] = X
    return out
