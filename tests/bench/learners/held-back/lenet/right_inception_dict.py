# assignment: lenet
# question: Inception
# function: Inception
# kind: right
import torch
from torch import nn

def conv(i, o, k):
    return nn.Sequential(nn.Conv2d(i, o, k, padding=k // 2), nn.ReLU())

class Inception(nn.Module):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__()
        self.paths = nn.ModuleDict({
            "one": conv(c_in, c1, 1),
            "three": nn.Sequential(conv(c_in, c2[0], 1), conv(c2[0], c2[1], 3)),
            "five": nn.Sequential(conv(c_in, c3[0], 1), conv(c3[0], c3[1], 5)),
            "pool": nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), conv(c_in, c4, 1)),
        })

    def forward(self, X):
        return torch.cat([path(X) for path in self.paths.values()], dim=1)
