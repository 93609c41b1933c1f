# assignment: correlation
# question: Conv2D
# function: Conv2D
# kind: values
# says: The bias is one number for the layer, not one for each weight of the kernel.
# shows: id bias-for-each-weight
# shows: line self.bias = nn.Parameter(torch.zeros(kernel_size))
import torch
from torch import nn

def corr2d(X, K):
    u = X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1)
    return torch.einsum('ijkl,kl->ij', u, K)

class Conv2D(nn.Module):
    # 卷积层
    def __init__(self, kernel_size):
        super().__init__()
        if isinstance(kernel_size, int):
            kernel_size = (kernel_size, kernel_size)
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(kernel_size))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
