# assignment: lenet
# question: LeNet
# function: shape_trace
# kind: values
# says: A model's layers are called by its forward, in any order: use hooks, do not call the children yourself.
# shows: id children-called-in-turn
# shows: line for layer in model.children():
# shows: line X = layer(X)
# shows: raises RuntimeError
import torch
from torch import nn

class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, X):
        return self.net(X)

def shape_trace(model, X):
    shapes = []
    for layer in model.children():
        X = layer(X)
        shapes.append((layer.__class__.__name__, X.shape))
    return shapes
