# assignment: lenet
# question: Inception
# function: Inception
# kind: values
# says: The maximum of branch 4 goes into its convolution as it is: no ReLU follows the pooling.
# shows: id relu-behind-the-pooling
# shows: line y4 = self.relu(self.b4_conv(self.relu(self.b4_pool(X))))
import torch
import torch.nn as nn

class Inception(nn.Module):
    def __init__(self, c_in, c1, c2, c3, c4):
        super(Inception, self).__init__()
        self.relu = nn.ReLU()
        self.b1_conv = nn.Conv2d(c_in, c1, 1)
        self.b2_conv1, self.b2_conv2 = nn.Conv2d(c_in, c2[0], 1), nn.Conv2d(c2[0], c2[1], 3, 1, 1)
        self.b3_conv1, self.b3_conv2 = nn.Conv2d(c_in, c3[0], 1), nn.Conv2d(c3[0], c3[1], 5, 1, 2)
        self.b4_pool, self.b4_conv = nn.MaxPool2d(3, 1, 1), nn.Conv2d(c_in, c4, 1)

    def forward(self, X):
        y1 = self.relu(self.b1_conv(X))
        y2 = self.relu(self.b2_conv2(self.relu(self.b2_conv1(X))))
        y3 = self.relu(self.b3_conv2(self.relu(self.b3_conv1(X))))
        y4 = self.relu(self.b4_conv(self.relu(self.b4_pool(X))))
        return torch.cat((y1, y2, y3, y4), 1)
