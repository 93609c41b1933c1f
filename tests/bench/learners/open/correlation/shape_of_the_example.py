# assignment: correlation
# question: learn_kernel
# function: learn_kernel
# kind: raises
# says: The image is reshaped to the 6 by 8 of the textbook's example; take the shape of the image you are given.
# shows: line X = X.reshape((1, 1, 6, 8))
# shows: raises RuntimeError
import torch
from torch import nn

def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    conv2d = nn.Conv2d(1, 1, kernel_size=kernel_size, bias=False)
    X = X.reshape((1, 1, 6, 8))
    Y = Y.reshape((1, 1, 6, 7))
    losses = []
    for i in range(epochs):
        Y_hat = conv2d(X)
        l = (Y_hat - Y) ** 2
        conv2d.zero_grad()
        l.sum().backward()
        conv2d.weight.data[:] -= lr * conv2d.weight.grad
        losses.append(float(l.sum()))
    return conv2d.weight.data[0, 0], losses
