# assignment: correlation
# question: corr2d
# function: corr2d
# kind: right
import torch


def _toeplitzish(X: torch.Tensor, kh: int, kw: int) -> torch.Tensor:
    """All windows as rows of a matrix."""
    oh, ow = X.shape[0] - kh + 1, X.shape[1] - kw + 1
    taps = [X[a:a + oh, b:b + ow].reshape(-1) for a in range(kh) for b in range(kw)]
    return torch.stack(taps, dim=1)


def corr2d(X, K):
    if X.dim() != 2 or K.dim() != 2:
        raise TypeError("matrices only")
    kh, kw = K.shape
    assert 0 < kh <= X.shape[0] and 0 < kw <= X.shape[1], "does not fit"
    cols = _toeplitzish(X, kh, kw)
    flat = (cols * K.reshape(1, -1)).sum(dim=1)
    return flat.reshape(X.shape[0] - kh + 1, X.shape[1] - kw + 1)
