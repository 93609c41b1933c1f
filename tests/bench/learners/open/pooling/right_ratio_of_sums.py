# assignment: pooling
# question: pool2d_full
# function: pool2d_full
# kind: right
import torch
import torch.nn.functional as F


class PoolConfig:
    """Holds the normalised hyper-parameters."""

    def __init__(self, kernel, stride, padding):
        self.kernel = self._normalise(kernel)
        self.stride = self._normalise(kernel if stride is None else stride)
        self.padding = self._normalise(padding)
        if min(self.kernel) < 1 or min(self.stride) < 1 or min(self.padding) < 0:
            raise ValueError("Invalid pooling configuration.")

    @staticmethod
    def _normalise(value):
        return (value, value) if isinstance(value, int) else tuple(value)

    def extract(self, x, fill):
        ph, pw = self.padding
        x = F.pad(x, (pw, pw, ph, ph), value=fill)
        for axis, (k, s) in enumerate(zip(self.kernel, self.stride), start=2):
            x = x.unfold(axis, k, s)
        return x


def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    if X.dim() != 4:
        raise ValueError("Expected a 4D tensor.")
    config = PoolConfig(kernel, stride, padding)
    if mode == "max":
        lowest = float("-inf") if X.is_floating_point() else torch.iinfo(X.dtype).min
        return config.extract(X, lowest).amax(dim=(-2, -1))
    if mode == "avg":
        sums = config.extract(X, 0).sum(dim=(-2, -1))
        if count_include_pad:
            return sums / (config.kernel[0] * config.kernel[1])
        return sums / config.extract(torch.ones_like(X), 0).sum(dim=(-2, -1))
    raise ValueError(f"Unsupported mode: {mode!r}.")
