# assignment: lenet
# question: LeNet
# function: LeNet
# kind: raises
# says: Without padding the maps are 4 by 4 in the end, 256 numbers: the first convolution needs padding=2.
# shows: id padding-forgotten
# shows: line self.conv1 = nn.Conv2d(1, 6, 5)
# shows: line x = F.relu(self.fc1(x))
# shows: raises RuntimeError
import torch
import torch.nn as nn
import torch.nn.functional as F

class LeNet(nn.Module):
    def __init__(self):
        super(LeNet, self).__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(x.size(0), -1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)
