# assignment: lenet
# question: train
# function: train
# kind: values
# says: A new Adam is made in every epoch, and forgets its averages: make one before the loop.
# shows: id optimizer-made-every-epoch
# shows: line optim = torch.optim.Adam(model.parameters(), lr)
import torch
import torch.nn.functional as F

def train(model, images, labels, epochs, lr):
    result = []
    model.train()
    for e in range(epochs):
        optim = torch.optim.Adam(model.parameters(), lr)
        batchLosses = []
        for batch in torch.randperm(len(labels)).split(64):
            optim.zero_grad()
            l = F.cross_entropy(model(images[batch]), labels[batch])
            l.backward()
            optim.step()
            batchLosses.append(l.item())
        result.append(sum(batchLosses) / len(batchLosses))
    return result
