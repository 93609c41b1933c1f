# assignment: lenet
# question: LeNet
# function: LeNet
# kind: values
# says: There is no activation between the dense layers: together they are one linear layer.
# shows: id dense-layers-not-activated
# shows: line x = self.fc2(self.fc1(x))
# shows: line return self.fc3(x)
import torch
from torch import nn
import torch.nn.functional as F

class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.avg_pool2d(F.relu(self.conv1(x)), 2)
        x = F.avg_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(x, start_dim=1)
        x = self.fc2(self.fc1(x))
        return self.fc3(x)

def shape_trace(model, X):
    trace = []
    handles = [m.register_forward_hook(lambda mod, i, o: trace.append((type(mod).__name__, tuple(o.shape))))
               for m in model.modules() if not list(m.children())]
    model(X)
    [h.remove() for h in handles]
    return trace
