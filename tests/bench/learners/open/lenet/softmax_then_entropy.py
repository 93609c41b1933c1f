# assignment: lenet
# question: train
# function: train
# kind: values
# says: cross_entropy does the softmax itself: hand it the logits.
# shows: id softmax-before-the-loss
# shows: line probs = torch.softmax(model(x), dim=1)
# shows: line loss = criterion(probs, y)
import torch
from torch import nn

def train(model, images, labels, epochs, lr):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    history = []
    for epoch in range(epochs):
        order = torch.randperm(images.shape[0])
        running = 0.0
        for start in range(0, images.shape[0], 64):
            idx = order[start:start + 64]
            x, y = images[idx], labels[idx]
            optimizer.zero_grad()
            probs = torch.softmax(model(x), dim=1)
            loss = criterion(probs, y)
            loss.backward()
            optimizer.step()
            running += loss.item() * len(idx)
        history.append(running / images.shape[0])
    return history
