# assignment: correlation
# question: Conv2D
# function: Conv2D
# kind: raises
# says: nn.parameter is a module; the class is called nn.Parameter.
# shows: line self.weight = nn.parameter(torch.rand(kernel_size))
# shows: raises TypeError
import torch
from torch import nn

def corr2d(X, K):
    h, w = K.shape
    if X.dim() != 2 or h > X.shape[0] or w > X.shape[1] or h * w == 0:
        raise ValueError("no place")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((-1, -2))

class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        if isinstance(kernel_size, int):
            kernel_size = (kernel_size, kernel_size)
        self.weight = nn.parameter(torch.rand(kernel_size))
        self.bias = nn.parameter(torch.zeros(1))

    def forward(self, X):
        return corr2d(X, self.weight) + self.bias
