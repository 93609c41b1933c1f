# assignment: lenet
# question: LeNet
# function: LeNet
# kind: cell
# says: The cell stopped at @add_to_class(Classifier), which is not defined here, and LeNet stands below it.
# shows: line @add_to_class(Classifier)
# shows: raises NameError
# %%
import torch
from torch import nn

# %%
@add_to_class(Classifier)
def layer_summary(self, X_shape):
    X = torch.randn(*X_shape)
    for layer in self.net:
        X = layer(X)
        print(layer.__class__.__name__, 'output shape:\t', X.shape)

class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, X):
        return self.net(X)
