# assignment: pooling
# question: adaptive_avg_pool2d
# function: adaptive_avg_pool2d
# kind: values
# says: One kernel H // oh for all windows: their sizes differ, and windows overlap.
# shows: id one-kernel-for-all-windows
import torch

def adaptive_avg_pool2d(X, output_size):
    oh, ow = (output_size, output_size) if isinstance(output_size, int) else output_size
    if oh < 1 or ow < 1 or X.dim() != 4:
        raise ValueError
    N, C, H, W = X.shape
    sh, sw = H // oh, W // ow
    kh, kw = H - (oh - 1) * sh, W - (ow - 1) * sw
    return X.unfold(2, kh, max(sh, 1)).unfold(3, kw, max(sw, 1)).mean((-1, -2))
