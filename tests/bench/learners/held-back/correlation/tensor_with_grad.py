# assignment: correlation
# question: Conv2D
# function: Conv2D
# kind: contract
# says: A plain tensor is no parameter, even with requires_grad=True: wrap it in nn.Parameter.
# shows: id weight-not-a-parameter
# shows: line self.weight = torch.rand(kernel_size, requires_grad=True)
# shows: line self.bias = torch.zeros(1, requires_grad=True)
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
            kernel_size = [kernel_size] * 2
        self.weight = torch.rand(kernel_size, requires_grad=True)
        self.bias = torch.zeros(1, requires_grad=True)

    def forward(self, X):
        return corr2d(X, self.weight) + self.bias
