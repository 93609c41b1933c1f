# assignment: lenet
# question: train
# function: train
# kind: right
import torch
from torch.utils.data import DataLoader, TensorDataset

class Trainer:
    def __init__(self, model, lr):
        self.model = model.train()
        self.loss = torch.nn.CrossEntropyLoss(reduction="sum")
        self.optim = torch.optim.Adam(params=model.parameters(), lr=lr)

    def fit_epoch(self, loader):
        summed, count = 0.0, 0
        for x, y in loader:
            total = self.loss(self.model(x), y)
            self.optim.zero_grad(set_to_none=True)
            (total / len(y)).backward()
            self.optim.step()
            summed += total.item()
            count += len(y)
        return summed / count

def train(model, images, labels, epochs, lr):
    loader = DataLoader(TensorDataset(images, labels), batch_size=64, shuffle=True)
    trainer = Trainer(model, lr)
    return [trainer.fit_epoch(loader) for _ in range(epochs)]
