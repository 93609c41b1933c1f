# assignment: lenet
# question: LeNet
# function: LeNet
# kind: cell
# says: The class is called Lenet5 here; it has to be LeNet.
# shows: message Lenet5
import torch
from torch import nn

class Lenet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(),
            nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10))

    def forward(self, X):
        return self.body(X)
