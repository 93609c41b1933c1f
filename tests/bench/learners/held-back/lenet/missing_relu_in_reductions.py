# assignment: lenet
# question: Inception
# function: Inception
# kind: values
# says: A ReLU follows the first convolutions of branches 2 and 3 as well.
# shows: id bottlenecks-not-activated
# shows: line b2 = F.relu(self.conv3(self.reduce3(x)))
# shows: line b3 = F.relu(self.conv5(self.reduce5(x)))
import torch
from torch import nn
import torch.nn.functional as F

class Inception(nn.Module):
    """Inception block of GoogLeNet (Szegedy et al., 2014)."""

    def __init__(self, c_in, c1, c2, c3, c4):
        super(Inception, self).__init__()
        self.conv1 = nn.Conv2d(c_in, c1, 1)
        self.reduce3 = nn.Conv2d(c_in, c2[0], 1)
        self.conv3 = nn.Conv2d(c2[0], c2[1], 3, padding='same')
        self.reduce5 = nn.Conv2d(c_in, c3[0], 1)
        self.conv5 = nn.Conv2d(c3[0], c3[1], 5, padding='same')
        self.project = nn.Conv2d(c_in, c4, 1)

    def forward(self, x):
        b1 = F.relu(self.conv1(x))
        b2 = F.relu(self.conv3(self.reduce3(x)))
        b3 = F.relu(self.conv5(self.reduce5(x)))
        b4 = F.relu(self.project(F.max_pool2d(x, kernel_size=3, stride=1, padding=1)))
        return torch.cat((b1, b2, b3, b4), dim=1)
