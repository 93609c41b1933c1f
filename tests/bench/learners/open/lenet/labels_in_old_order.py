# assignment: lenet
# question: train
# function: train
# kind: values
# says: Only the images are shuffled: the labels stay where they were and belong to others.
# shows: id labels-not-shuffled-along
# shows: line y_batch = labels[i:i + 64]
import torch
import torch.nn.functional as F

def train(model, images, labels, epochs, lr):
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        perm = torch.randperm(len(images))
        shuffled = images[perm]
        total = 0
        for i in range(0, len(images), 64):
            x_batch = shuffled[i:i + 64]
            y_batch = labels[i:i + 64]
            loss = F.cross_entropy(model(x_batch), y_batch)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(x_batch)
        losses.append(total / len(images))
    return losses
