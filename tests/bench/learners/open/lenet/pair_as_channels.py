# assignment: lenet
# question: Inception
# function: Inception
# kind: raises
# says: c2 and c3 are pairs: c2[0] channels come out of the first convolution, c2[1] out of the second.
# shows: line self.p2 = nn.Sequential(nn.Conv2d(c_in, c2, 1), nn.ReLU(), nn.Conv2d(c2, c2, 3, padding=1), nn.ReLU())
# shows: raises TypeError
import torch
from torch import nn

class Inception(nn.Module):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__()
        self.p1 = nn.Sequential(nn.Conv2d(c_in, c1, 1), nn.ReLU())
        self.p2 = nn.Sequential(nn.Conv2d(c_in, c2, 1), nn.ReLU(), nn.Conv2d(c2, c2, 3, padding=1), nn.ReLU())
        self.p3 = nn.Sequential(nn.Conv2d(c_in, c3, 1), nn.ReLU(), nn.Conv2d(c3, c3, 5, padding=2), nn.ReLU())
        self.p4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(c_in, c4, 1), nn.ReLU())

    def forward(self, X):
        return torch.cat([self.p1(X), self.p2(X), self.p3(X), self.p4(X)], dim=1)
