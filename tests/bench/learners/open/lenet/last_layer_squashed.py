# assignment: lenet
# question: LeNet
# function: LeNet
# kind: values
# says: The answers are to be logits: no softmax behind the last layer.
# shows: id softmax-at-the-end
# shows: line nn.Linear(84, 10), nn.Softmax(dim=1)
import torch
from torch import nn

class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.Sigmoid(),
            nn.AvgPool2d(kernel_size=2, stride=2),
            nn.Conv2d(6, 16, kernel_size=5), nn.Sigmoid(),
            nn.AvgPool2d(kernel_size=2, stride=2), nn.Flatten(),
            nn.Linear(16 * 5 * 5, 120), nn.Sigmoid(),
            nn.Linear(120, 84), nn.Sigmoid(),
            nn.Linear(84, 10), nn.Softmax(dim=1)
        )

    def forward(self, X):
        return self.net(X)

def shape_trace(model, X):
    out, hooks = [], []
    def hook(m, i, o):
        out.append((m.__class__.__name__, tuple(o.shape)))
    for m in model.modules():
        if len(list(m.children())) == 0:
            hooks.append(m.register_forward_hook(hook))
    model(X)
    for h in hooks:
        h.remove()
    return out
