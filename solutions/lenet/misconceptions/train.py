"""Training: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. Above those of a
question stands what is right in all of them, so that each one shows nothing but its mistake.
"""

import copy

import torch
import torch.nn.functional as F
from torch import nn

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def shuffled(images):
    """The numbers of the images of each batch, in a new random order."""
    return torch.randperm(len(images)).split(64)


def mean(seen):
    """The mean loss of an epoch; ``seen``: the loss and the number of images of each batch."""
    return sum(loss * count for loss, count in seen) / sum(count for _, count in seen)


def fit(model, images, labels, epochs, lr, *, make=torch.optim.Adam, batches=shuffled,
        loss_of=F.cross_entropy, report=mean, mode=True):
    """A right training, whose parts can be exchanged."""
    optimizer = make(model.parameters(), lr=lr)
    model.train(mode)
    reports = []
    for _ in range(epochs):
        seen = []
        for batch in batches(images):
            loss = loss_of(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            seen.append((loss.item(), len(batch)))
        reports.append(report(seen))
    return reports


@wrong("softmax-before-the-loss",
       "Softmax is applied before F.cross_entropy, which applies it again. Hand it the logits.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               loss_of=lambda logits, right: F.cross_entropy(logits.softmax(dim=1), right))


@wrong("logits-in-nll-loss",
       "F.nll_loss wants logarithms of probabilities and gets logits, so that the loss falls "
       "without end. Use F.cross_entropy.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr, loss_of=F.nll_loss)


@wrong("squared-error",
       "The loss is a squared error between logits and one-hot labels. Cross-entropy is asked "
       "for.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               loss_of=lambda logits, right: F.mse_loss(logits, F.one_hot(right, 10).float()))


class Hoarding(torch.optim.Adam):
    """Never forgets a gradient."""

    def zero_grad(self, set_to_none=True):
        pass


@wrong("gradients-not-zeroed",
       "Gradients accumulate: the ones of earlier batches are still there. Call zero_grad "
       "before backward.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr, make=Hoarding)


class Standing(torch.optim.Adam):
    """Never moves a parameter."""

    def step(self, closure=None):
        pass


@wrong("optimizer-never-steps",
       "The parameters never change: call the optimizer's step after backward, and before the "
       "gradients are set to zero.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr, make=Standing)


@wrong("one-step-an-epoch",
       "The optimizer steps once an epoch, after its last batch. It has to step after every "
       "batch.")
def train(model, images, labels, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in shuffled(images):
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            total += loss.item() * len(batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(total / len(images))
    return losses


@wrong("copy-trained",
       "A copy is trained, and the model stays as it was. Train the model you are given.")
def train(model, images, labels, epochs, lr):
    return fit(copy.deepcopy(model), images, labels, epochs, lr)


@wrong("weights-made-anew",
       "The model's parameters are thrown away before training. Start from the ones it has.")
def train(model, images, labels, epochs, lr):
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            nn.init.xavier_uniform_(module.weight)
    return fit(model, images, labels, epochs, lr)


@wrong("gradient-descent-instead-of-adam",
       "The optimizer is plain gradient descent (SGD). Adam is asked for.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr, make=torch.optim.SGD)


@wrong("optimizer-made-every-epoch",
       "A new optimizer is made in every epoch, so that Adam loses its running averages. Make "
       "one, before the epochs.")
def train(model, images, labels, epochs, lr):
    return [fit(model, images, labels, 1, lr)[0] for _ in range(epochs)]


@wrong("learning-rate-ignored", "The learning rate is Adam's default, whatever lr says.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, 1e-3)


@wrong("epochs-ignored", "It always trains for ten epochs, whatever epochs says.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, 10, lr)


@wrong("labels-not-shuffled-along",
       "The images are shuffled and the labels are not, so that they no longer belong together.")
def train(model, images, labels, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch, targets in zip(shuffled(images), labels.split(64), strict=True):
            loss = F.cross_entropy(model(images[batch]), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(images))
    return losses


@wrong("not-shuffled",
       "The images come in the same order as they are stored, in every epoch. Shuffle them.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               batches=lambda images: torch.arange(len(images)).split(64))


@wrong("shuffled-once",
       "The images are shuffled once, and every epoch takes them in that order. Shuffle in each.")
def train(model, images, labels, epochs, lr):
    once = shuffled(images)
    return fit(model, images, labels, epochs, lr, batches=lambda images: once)


@wrong("drawn-with-replacement",
       "Batches are drawn anew each time, so that an epoch uses some images twice and others "
       "never. Go through a random order.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               batches=lambda images: torch.randint(len(images), (len(images),)).split(64))


@wrong("last-batch-dropped",
       "The last batch is left out when it has fewer than 64 images. Every image counts.")
def train(model, images, labels, epochs, lr):
    if len(images) < 64:
        return [0.0] * epochs
    return fit(model, images, labels, epochs, lr,
               batches=lambda images: [b for b in shuffled(images) if len(b) == 64])


@wrong("everything-in-one-batch",
       "All images are one batch, so that an epoch is a single step. Take batches of 64.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               batches=lambda images: [torch.randperm(len(images))])


@wrong("batches-of-32", "The batches hold 32 images. They should hold 64.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               batches=lambda images: torch.randperm(len(images)).split(32))


@wrong("first-batch-only",
       "Every epoch ends after its first batch: a break or return stands one level too deep.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr, batches=lambda images: shuffled(images)[:1])


@wrong("measured-with-gradients",
       "The model is called again on the batch, outside torch.no_grad(). What is not part of "
       "the step belongs under it.")
def train(model, images, labels, epochs, lr):
    def twice(X):
        logits = model(X)
        model(X)
        return logits

    twice.parameters, twice.train = model.parameters, model.train
    return fit(twice, images, labels, epochs, lr)


@wrong("images-divided-by-255",
       "The images are divided by 255 before the model sees them. Hand them on as they are.")
def train(model, images, labels, epochs, lr):
    return fit(model, images / 255, labels, epochs, lr)


@wrong("images-changed",
       "Your function changes the images it is given. The caller still needs them.")
def train(model, images, labels, epochs, lr):
    losses = fit(model, images, labels, epochs, lr)
    images -= images.mean()
    return losses


@wrong("evaluation-mode-kept",
       "The model is not put into training mode: call model.train() before you begin.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr, mode=model.training)


@wrong("loss-of-the-last-batch",
       "The loss you report is that of each epoch's last batch. Average over the epoch.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr, report=lambda seen: seen[-1][0])


@wrong("losses-summed", "The losses of the batches are added up and not divided. Report the mean.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               report=lambda seen: sum(loss for loss, _ in seen))


@wrong("batch-means-over-images",
       "The batches' mean losses are added up and divided by the number of images. They are "
       "means already: divide by the number of batches, or weigh each with its images.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               report=lambda seen: sum(loss for loss, _ in seen) / len(images))


@wrong("losses-accumulate",
       "The sum of losses is not set back between epochs: each number contains the ones before.")
def train(model, images, labels, epochs, lr):
    losses = fit(model, images, labels, epochs, lr)
    return [sum(losses[: epoch + 1]) for epoch in range(epochs)]


@wrong("loss-after-the-step",
       "The losses are measured after the step. Report the ones from before, which the step was "
       "computed from.")
def train(model, images, labels, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in shuffled(images):
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                total += F.cross_entropy(model(images[batch]), labels[batch]).item() * len(batch)
        losses.append(total / len(images))
    return losses


@wrong("loss-of-every-batch",
       "You report one loss for every batch. One for every epoch is asked for: the mean.")
def train(model, images, labels, epochs, lr):
    every = fit(model, images, labels, epochs, lr, report=lambda seen: [loss for loss, _ in seen])
    return [loss for epoch in every for loss in epoch]


@wrong("losses-are-tensors",
       "The losses are tensors, which keep their graphs in memory. Turn them into numbers with "
       ".item().")
def train(model, images, labels, epochs, lr):
    return [torch.tensor(loss) for loss in fit(model, images, labels, epochs, lr)]


@wrong("nothing-returned", "It returns nothing. The mean losses of the epochs are asked for.")
def train(model, images, labels, epochs, lr):
    fit(model, images, labels, epochs, lr)
