# assignment: correlation
# question: corr2d
# function: corr2d
# kind: right
# says: TorchScript, whose refusals are exceptions of its own.
import torch

@torch.jit.script
def corr2d(X: torch.Tensor, K: torch.Tensor) -> torch.Tensor:
    if X.dim() != 2 or K.dim() != 2:
        raise ValueError("two dimensions")
    h, w = K.size(0), K.size(1)
    H, W = X.size(0) - h + 1, X.size(1) - w + 1
    assert h > 0 and w > 0 and H > 0 and W > 0
    Y = torch.zeros(H, W, dtype=X.dtype, device=X.device)
    for a in range(h):
        for b in range(w):
            Y = Y + X[a:a + H, b:b + W] * K[a, b]
    return Y
