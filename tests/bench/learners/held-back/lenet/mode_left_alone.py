# assignment: lenet
# question: train
# function: train
# kind: contract
# says: The model may arrive in evaluation mode: call model.train() first.
# shows: id evaluation-mode-kept
# shows: line opt = torch.optim.Adam(model.parameters(), lr=lr)
# shows: line def train(model, images, labels, epochs, lr):
import torch
from torch import nn

def train(model, images, labels, epochs, lr):
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    lossFn = nn.CrossEntropyLoss()
    n = images.size(0)
    losses = []
    for _ in range(epochs):
        p = torch.randperm(n)
        s = 0.0
        for k in range(0, n, 64):
            b = p[k:k + 64]
            loss = lossFn(model(images[b]), labels[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            s += loss.item() * b.numel()
        losses.append(s / n)
    return losses
