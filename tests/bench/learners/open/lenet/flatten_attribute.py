# assignment: lenet
# question: LeNet
# function: LeNet
# kind: raises
# says: The layer is called fc1 in __init__ and fcl in forward.
# shows: line x = torch.tanh(self.fcl(x))
# shows: raises AttributeError
import torch
from torch import nn

class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5, padding=2)
        self.c2 = nn.Conv2d(6, 16, 5)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.out = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(torch.tanh(self.c1(x)))
        x = self.pool(torch.tanh(self.c2(x)))
        x = x.flatten(1)
        x = torch.tanh(self.fcl(x))
        x = torch.tanh(self.fc2(x))
        return self.out(x)
