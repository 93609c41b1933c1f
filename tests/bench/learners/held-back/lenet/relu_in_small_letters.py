# assignment: lenet
# question: LeNet
# function: LeNet
# kind: raises
# says: torch's layer is called nn.ReLU.
# shows: line nn.Conv2d(1, 6, 5, padding=2), nn.Relu(), nn.MaxPool2d(2),
# shows: raises AttributeError
import torch
from torch import nn

class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.Relu(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.Relu(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(400, 120), nn.Relu(), nn.Linear(120, 84), nn.Relu(), nn.Linear(84, 10))

    def forward(self, X):
        return self.net(X)
