"""The contest: wrong ideas, as students would write them."""

import copy

import torch
import torch.nn.functional as F
from torch import nn

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def plain(head, *, filters=16):
    """A right reader that is quickly trained, but for its head."""
    return nn.Sequential(
        nn.Conv2d(3, filters, 3, 2, 1), nn.BatchNorm2d(filters), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(filters, 24, 3, 1, 1), nn.BatchNorm2d(24), nn.ReLU(),
        nn.AdaptiveMaxPool2d(1), nn.Flatten(), *head)


@wrong("over-the-budget",
       "The first convolutions work at all 20×20 places, and have so many filters that the budget "
       "is spent before the maps become smaller.")
def make_reader():
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, 1, 1), nn.ReLU(), nn.Conv2d(32, 32, 3, 1, 1), nn.ReLU(),
        nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(32, 10))


@wrong("a-logit-too-many", "It answers eleven logits. There are ten runes, from 0 to 9.")
def make_reader():
    return plain([nn.Linear(24, 11)])


class Dropping(nn.Linear):
    def forward(self, X):
        return super().forward(F.dropout(X, 0.5))


@wrong("dropout-always",
       "F.dropout drops numbers in evaluation mode, too, unless it is told: "
       "F.dropout(X, training=self.training), or the layer nn.Dropout.")
def make_reader():
    return plain([Dropping(24, 10)])


@wrong("lenet-again",
       "LeNet, as it was, reads less than half: without normalisation it has hardly begun to learn "
       "when the training ends.")
def make_reader():
    return nn.Sequential(
        nn.Conv2d(3, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(144, 120), nn.ReLU(), nn.Linear(120, 84),
        nn.ReLU(), nn.Linear(84, 10))


def fit(model, images, labels, *, epochs=4, order=torch.randperm):
    """A right training, and a short one, whose parts can be exchanged."""
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(64):
            loss = F.cross_entropy(model(images[batch]), labels[order(len(images))[:len(batch)]]
                                   if order is not torch.randperm else labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


@wrong("reader-copied",
       "A copy is trained, and the reader stays as it was. Train the one you are given.")
def train(model, images, labels):
    fit(copy.deepcopy(model), images, labels, epochs=1)


@wrong("labels-left-behind",
       "The images come in a new order and the labels do not, so that they no longer belong "
       "together.")
def train(model, images, labels):
    fit(model, images, labels, order=torch.arange)


@wrong("pictures-changed",
       "Your training changes the images that it is given. The caller still needs them.")
def train(model, images, labels):
    fit(model, images, labels, epochs=1)
    images.sub_(0.5)
