# assignment: correlation
# question: learn_kernel
# function: learn_kernel
# kind: values
# says: zero_grad stands between backward and step, so that every step is zero.
# shows: id kernel-never-changes
# shows: line opt.zero_grad()
import torch
from torch import nn

def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    if X.dim() != 2 or Y.dim() != 2:
        raise ValueError
    conv = nn.Conv2d(1, 1, kernel_size, bias=False, dtype=X.dtype)
    opt = torch.optim.SGD(conv.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        loss = ((conv(X[None, None])[0, 0] - Y) ** 2).sum()
        losses.append(loss.item())
        loss.backward()
        opt.zero_grad()
        opt.step()
    return conv.weight[0, 0], losses
