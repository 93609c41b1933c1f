# assignment: lenet
# question: Inception
# function: Inception
# kind: values
# says: The answers are stacked along the channels, dim=1.
# shows: id stacked-along-the-width
# shows: line return torch.cat((p1, p2, p3, p4), dim=2)
# shows: raises RuntimeError
import torch
from torch import nn
from torch.nn import functional as F

class Inception(nn.Module):
    # c1--c4是每条路径的输出通道数
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__()
        self.p1_1 = nn.Conv2d(c_in, c1, kernel_size=1)
        self.p2_1 = nn.Conv2d(c_in, c2[0], kernel_size=1)
        self.p2_2 = nn.Conv2d(c2[0], c2[1], kernel_size=3, padding=1)
        self.p3_1 = nn.Conv2d(c_in, c3[0], kernel_size=1)
        self.p3_2 = nn.Conv2d(c3[0], c3[1], kernel_size=5, padding=2)
        self.p4_1 = nn.MaxPool2d(kernel_size=3, stride=1, padding=1)
        self.p4_2 = nn.Conv2d(c_in, c4, kernel_size=1)

    def forward(self, x):
        p1 = F.relu(self.p1_1(x))
        p2 = F.relu(self.p2_2(F.relu(self.p2_1(x))))
        p3 = F.relu(self.p3_2(F.relu(self.p3_1(x))))
        p4 = F.relu(self.p4_2(self.p4_1(x)))
        return torch.cat((p1, p2, p3, p4), dim=2)
