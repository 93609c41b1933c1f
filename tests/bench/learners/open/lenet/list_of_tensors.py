# assignment: lenet
# question: train
# function: train
# kind: contract
# says: The losses are tensors that keep their graphs: append loss.item().
# shows: id losses-are-tensors
# shows: line total += loss * len(yb)
# shows: line curve.append(total / len(labels))
import torch
from torch.utils.data import DataLoader, TensorDataset
from torch.nn import functional as F

def train(model, images, labels, epochs, lr):
    loader = DataLoader(TensorDataset(images, labels), batch_size=64, shuffle=True)
    updater = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    curve = []
    for epoch in range(epochs):
        total = 0
        for xb, yb in loader:
            loss = F.cross_entropy(model(xb), yb)
            updater.zero_grad()
            loss.backward()
            updater.step()
            total += loss * len(yb)
        curve.append(total / len(labels))
    return curve
