# assignment: channels
# question: conv2d
# function: conv2d
# kind: cell
# says: conv2d is a layer of torch here, not your function conv2d(X, W, b, stride, padding).
# shows: message layer
import torch
from torch import nn

conv2d = nn.Conv2d(1, 1, kernel_size=3, padding=1)

def comp_conv2d(conv2d, X):
    X = X.reshape((1, 1) + X.shape)
    Y = conv2d(X)
    return Y.reshape(Y.shape[2:])

print(comp_conv2d(conv2d, torch.rand(8, 8)).shape)
