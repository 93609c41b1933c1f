# assignment: correlation
# question: Conv2D
# function: Conv2D
# kind: values
# says: The bias is added to the answer, not multiplied with it.
# shows: line y = y * self.bias
# also: id only-pairs-accepted
# also: line self.weight = nn.Parameter(torch.rand(kernel_size))
import torch
from torch import nn

def corr2d(X, K):
    h, w = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    y = 0
    for a in range(K.shape[0]):
        for b in range(K.shape[1]):
            y = y + X[a:a + h, b:b + w] * K[a, b]
    return y

class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X):
        y = corr2d(X, self.weight)
        y = y * self.bias
        return y
