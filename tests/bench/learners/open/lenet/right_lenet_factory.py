# assignment: lenet
# question: LeNet
# function: LeNet
# kind: right
from collections import OrderedDict

import torch
from torch import nn

def block(cin, cout, **kw):
    return nn.Sequential(OrderedDict(conv=nn.Conv2d(cin, cout, 5, **kw), pool=nn.AvgPool2d(2, 2), act=nn.LeakyReLU(0.1)))

class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.ModuleList([block(1, 6, padding=2), block(6, 16)])
        sizes = [400, 120, 84, 10]
        self.dense = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.act = nn.LeakyReLU(0.1)

    def forward(self, X):
        for f in self.features:
            X = f(X)
        X = X.flatten(1)
        for i, layer in enumerate(self.dense):
            if i > 0:
                X = self.act(X)
            X = layer(X)
        return X

def shape_trace(model, X):
    record = []
    handles = []
    for name, mod in model.named_modules():
        if next(mod.children(), None) is None:
            def note(m, args, result):
                record.append((m.__class__.__name__, tuple(result.size())))
            handles.append(mod.register_forward_hook(note))
    model(X)
    while handles:
        handles.pop().remove()
    return record
