# assignment: lenet
# question: LeNet
# function: LeNet
# kind: raises
# says: LeNet() takes no arguments, and yours wants the number of classes.
# shows: line def __init__(self, num_classes, lr):
# shows: raises TypeError
import torch
from torch import nn

class LeNet(nn.Module):
    def __init__(self, num_classes, lr):
        super().__init__()
        self.lr = lr
        self.net = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, num_classes))

    def forward(self, X):
        return self.net(X)
