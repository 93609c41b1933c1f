# assignment: channels
# question: corr2d_multi_in_out
# function: corr2d_multi_in_out
# kind: right
import torch

def corr2d_multi_in_out(X, K):
    if X.ndim != 3 or K.ndim != 4:
        raise TypeError("X (C,H,W), K (O,C,h,w)")
    if X.shape[0] != K.shape[1]:
        raise ValueError("different channel counts: %d, %d" % (X.shape[0], K.shape[1]))
    view = X.unfold(1, K.shape[2], 1).unfold(2, K.shape[3], 1)  # RuntimeError when it is too large
    if view.numel() == 0:
        raise ValueError("empty")
    if X.dtype.is_floating_point:
        return torch.tensordot(K, view, dims=([1, 2, 3], [0, 3, 4]))
    return (K[:, :, None, None] * view[None]).sum((1, 4, 5))
