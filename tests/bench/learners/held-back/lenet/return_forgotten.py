# assignment: lenet
# question: train
# function: train
# kind: raises
# says: The function ends without return: the losses are printed, not handed back.
# shows: id nothing-returned
# shows: line print("epoch", epoch + 1, "loss", epoch_loss)
# shows: line def train(model, images, labels, epochs, lr):
import torch
import torch.nn.functional as F

def train(model, images, labels, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses = []
    for epoch in range(epochs):
        epoch_loss = 0.0
        for ids in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images[ids]), labels[ids])
            loss.backward()
            optimizer.step()
            epoch_loss += loss.item() * len(ids) / len(images)
        losses.append(epoch_loss)
        print("epoch", epoch + 1, "loss", epoch_loss)
