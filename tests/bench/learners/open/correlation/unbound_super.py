# assignment: correlation
# question: Conv2D
# function: Conv2D
# kind: raises
# says: nn.Module's own __init__ never runs: write super().__init__() with empty parentheses.
# shows: line super(Conv2D).__init__()
# shows: line self.weight = nn.Parameter(torch.rand(kernel_size))
# shows: raises AttributeError
import torch
import torch.nn as nn

def corr2d(X, K):
    h, w = K.shape
    if X.dim() != 2 or h > X.shape[0] or w > X.shape[1]:
        raise ValueError
    Y = torch.stack([torch.stack([(X[i:i + h, j:j + w] * K).sum()
                                  for j in range(X.shape[1] - w + 1)])
                     for i in range(X.shape[0] - h + 1)])
    return Y

class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super(Conv2D).__init__()
        if type(kernel_size) == int:
            kernel_size = (kernel_size, kernel_size)
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X):
        return corr2d(X, self.weight) + self.bias
