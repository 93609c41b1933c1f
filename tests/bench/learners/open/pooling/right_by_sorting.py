# assignment: pooling
# question: pool2d
# function: pool2d
# kind: right
# says: The maximum is the first of a sorted window.
import torch

class Window:
    known = {}

    def __init_subclass__(cls, mode):
        Window.known[mode] = cls()

class Largest(Window, mode="max"):
    def __call__(self, w):
        return w.flatten(-2).sort(-1, descending=True).values[..., 0]

class Mean(Window, mode="avg"):
    def __call__(self, w):
        n = w.shape[-1] * w.shape[-2]
        return w.flatten(-2) @ w.new_full((n,), 1 / n)

def pool2d(X, pool_size, mode="max"):
    h, w = (pool_size,) * 2 if isinstance(pool_size, int) else pool_size
    if X.dim() != 2 or h > X.shape[0] or w > X.shape[1]:
        raise IndexError
    (H, W), (down, across) = X.shape, X.stride()
    return Window.known[mode](X.as_strided(
        (H - h + 1, W - w + 1, h, w), (down, across, down, across), X.storage_offset()))
