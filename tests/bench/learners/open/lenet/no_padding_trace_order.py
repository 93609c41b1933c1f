# assignment: lenet
# question: LeNet
# function: LeNet
# kind: values
# says: The first convolution has no padding (then 256 numbers are left); shape_trace lists modules in the order of definition.
# shows: id padding-forgotten, children-called-in-turn
import torch
from torch import nn

class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 6, 5), nn.Sigmoid(), nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2), nn.Flatten(),
            nn.Linear(256, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(),
            nn.Linear(84, 10))

    def forward(self, X):
        return self.net(X)

def shape_trace(model, X):
    out = []
    for layer in model.children():
        X = layer(X)
        out.append((layer.__class__.__name__, tuple(X.shape)))
    return out
