# assignment: correlation
# question: learn_kernel
# function: learn_kernel
# kind: values
# says: zero_grad stands before the loop, so that gradients add up over the epochs.
# shows: id gradients-not-zeroed
# shows: line opt.zero_grad()
import torch
from torch import nn, optim

def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    net = nn.Conv2d(1, 1, kernel_size, bias=False).to(X.dtype)
    opt = optim.SGD(net.parameters(), lr=lr)
    opt.zero_grad()
    losses = []
    for ep in range(epochs):
        pred = net(X.unsqueeze(0).unsqueeze(0)).squeeze(0).squeeze(0)
        loss = torch.sum((pred - Y).pow(2))
        loss.backward()
        opt.step()
        losses.append(loss.item())
    return net.weight[0, 0].detach(), losses
