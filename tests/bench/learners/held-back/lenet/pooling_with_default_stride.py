# assignment: lenet
# question: Inception
# function: Inception
# kind: raises
# says: MaxPool2d(3) moves by three pixels: stride=1, or the maps cannot be stacked.
# shows: id pooling-takes-steps
# shows: line self.pool = nn.MaxPool2d(3, padding=1)
# shows: line return torch.cat([y1, y2, y3, y4], 1)
# shows: raises RuntimeError
import torch
import torch.nn as nn

class Inception(nn.Module):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__()
        act = nn.ReLU
        self.branch1 = nn.Sequential(nn.Conv2d(c_in, c1, 1), act())
        self.branch2 = nn.Sequential(nn.Conv2d(c_in, c2[0], 1), act(), nn.Conv2d(c2[0], c2[1], 3, padding=1), act())
        self.branch3 = nn.Sequential(nn.Conv2d(c_in, c3[0], 1), act(), nn.Conv2d(c3[0], c3[1], 5, padding=2), act())
        self.pool = nn.MaxPool2d(3, padding=1)
        self.branch4 = nn.Sequential(nn.Conv2d(c_in, c4, 1), act())

    def forward(self, X):
        y1, y2, y3, y4 = self.branch1(X), self.branch2(X), self.branch3(X), self.branch4(self.pool(X))
        return torch.cat([y1, y2, y3, y4], 1)
