# assignment: correlation
# question: Conv2D
# function: Conv2D
# kind: raises
# says: The method is called foward, so that torch finds no forward.
# shows: line def foward(self, X):
# shows: raises NotImplementedError
import torch
from torch import nn

def corr2d(X, K):
    h, w = K.shape
    if X.dim() != 2 or h > X.shape[0] or w > X.shape[1] or h * w == 0:
        raise ValueError("no place")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((-1, -2))

class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super(Conv2D, self).__init__()
        size = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.weight = nn.Parameter(torch.rand(*size))
        self.bias = nn.Parameter(torch.zeros(1))

    def foward(self, X):
        return corr2d(X, self.weight) + self.bias
