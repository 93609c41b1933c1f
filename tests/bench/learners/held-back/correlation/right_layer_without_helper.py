# assignment: correlation
# question: Conv2D
# function: Conv2D
# kind: right
import torch
import torch.nn as nn

class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        nn.Module.__init__(self)
        kh, kw = kernel_size if hasattr(kernel_size, "__len__") else (kernel_size,) * 2
        self.register_parameter("weight", nn.Parameter(torch.randn(kh, kw) * 0.1))
        self.register_parameter("bias", nn.Parameter(torch.zeros(1)))

    def forward(self, image):
        kh, kw = self.weight.size()
        if image.dim() != 2 or kh > image.size(0) or kw > image.size(1):
            raise ValueError("image too small")
        patches = image.unfold(0, kh, 1).unfold(1, kw, 1).flatten(2)
        return patches @ self.weight.flatten() + self.bias
