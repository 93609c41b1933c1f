# assignment: lenet
# question: Inception
# function: Inception
# kind: contract
# says: The in-place ReLU works on X itself, which belongs to the caller.
# shows: id block-changes-its-input
# shows: line X = self.relu(X)
# shows: line self.relu = nn.ReLU(inplace=True)
# shows: raises RuntimeError
import torch
from torch import nn

class Inception(nn.Module):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__()
        self.relu = nn.ReLU(inplace=True)
        self.a = nn.Conv2d(c_in, c1, 1)
        self.b1, self.b2 = nn.Conv2d(c_in, c2[0], 1), nn.Conv2d(c2[0], c2[1], 3, padding=1)
        self.c1, self.c2 = nn.Conv2d(c_in, c3[0], 1), nn.Conv2d(c3[0], c3[1], 5, padding=2)
        self.pool = nn.MaxPool2d(3, 1, 1)
        self.d = nn.Conv2d(c_in, c4, 1)

    def forward(self, X):
        X = self.relu(X)
        one = self.relu(self.a(X))
        two = self.relu(self.b2(self.relu(self.b1(X))))
        three = self.relu(self.c2(self.relu(self.c1(X))))
        four = self.relu(self.d(self.pool(X)))
        return torch.cat([one, two, three, four], 1)
