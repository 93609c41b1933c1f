"""train(model, images, labels, epochs, lr): Adam on batches of 64, in a new order every epoch.

The networks that are trained are ours, made in the student's worker: a wrong LeNet costs nothing
here. Where one batch holds everything, every step is known exactly, whatever the order; what
depends on the order is no part of a diagnosis.
"""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from autograder.suite import sentence

pytestmark = pytest.mark.question("train")

DIGITS = np.load(Path(__file__).parents[3] / "solutions" / "lenet" / "digits.npz")
SEEN, UNSEEN = 1400, 360  # images to learn from and to judge by
EPOCHS, LR = 8, 3e-3
GATE = 0.35  # of the unseen; tests/bench/training.py measures who reaches it


def suite_small():
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 4, 5, stride=4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10)
    )


def suite_digit_reader():
    """Small and quick, and at home anywhere on the canvas: it keeps each map's largest value. Its
    logits are large from the start, so that a second softmax leaves next to no gradient."""
    from torch import nn

    class Reader(nn.Sequential):
        def forward(self, X):
            return 180 * super().forward(X)

    return Reader(
        nn.Conv2d(1, 8, 5, stride=2, padding=2), nn.ReLU(),
        nn.Conv2d(8, 48, 5, stride=2, padding=2), nn.ReLU(),
        nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(48, 10),
    )


def suite_recorder():
    """Arrives in evaluation mode, and keeps which images it is trained on and in which mode.
    Every pixel of image i has to be i."""
    import torch

    class Recorder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.dense = torch.nn.Linear(784, 10)
            self.batches, self.modes = [torch.zeros(0, dtype=torch.int64)], []

        def forward(self, X):
            if torch.is_grad_enabled():
                self.batches.append(X[:, 0, 0, 0].detach().round().long())
                self.modes.append(self.training)
            return self.dense(X.flatten(1) / 1000)

        def sizes(self):
            return [len(batch) for batch in self.batches[1:]]

        def order(self):
            return torch.cat(self.batches)

        def asleep(self):
            """In how many batches it was in evaluation mode."""
            return self.modes.count(False)

    return Recorder().eval()


def twin(make, draw):
    """The same network here, with weights of its own."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(draw.number(0, 2**31))
        return make()


def some(draw, count):
    """Random images, and labels of all ten classes."""
    return draw.normal(count, 1, 28, 28), draw.integers(count, low=0, high=9)


def numbered(draw, count):
    """Image i is filled with the number i; labels of all ten classes."""
    numbers = torch.arange(count)
    return (numbers.float().reshape(-1, 1, 1, 1).repeat(1, 1, 28, 28),
            draw.integers(count, low=0, high=9))


def rightly(model, images, labels, epochs, lr):
    """Train on everything at once; the loss before each step."""
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return torch.tensor(losses)


def wandering_digits(draw):
    """Digits of 14×14 pixels somewhere on canvases of 28×28, and labels under new names."""
    chosen = draw.normal(len(DIGITS["images"])).argsort()[: SEEN + UNSEEN]
    digits = torch.from_numpy(DIGITS["images"])[chosen, None].float() / 16
    digits = F.interpolate(digits, size=14, mode="bilinear", align_corners=False)[:, 0]
    corners = draw.integers(len(chosen), 2, low=0, high=14)
    rows, columns = (corners[:, axis, None] + torch.arange(14) for axis in (0, 1))
    canvases = torch.zeros(len(chosen), 1, 28, 28)
    number = torch.arange(len(chosen))
    canvases[number[:, None, None], 0, rows[:, :, None], columns[:, None, :]] = digits
    names = draw.normal(10).argsort()  # what was learned elsewhere does not help
    return canvases, names[torch.from_numpy(DIGITS["labels"]).long()[chosen]]


@pytest.mark.visibility("visible")
def test_the_loss_falls(student, expect):
    """Ten images, each with one bright row: forty epochs make the loss fall."""
    images = torch.zeros(10, 1, 28, 28)
    for label in range(10):
        images[label, 0, 2 * label + 4] = 1
    losses = student.train(student.define(suite_small), images, torch.arange(10), 40, 1e-2)
    losses = expect.numbers(losses, 40, "losses")
    expect.that(min(losses) < losses[0] / 2, sentence("The loss does not fall."))


@pytest.mark.weight(3)
@pytest.mark.proves("one torch.optim.Adam", "the parameters it has")
def test_every_step(student, expect, draw):
    """Few images, so that an epoch is one step: the parameters become those that Adam gives."""
    for _ in range(2):
        model, reference = student.define(suite_small), twin(suite_small, draw)
        model.state(load=reference.state_dict())
        images, labels = draw.view(48, 1, 28, 28), some(draw, 96)[1][1::2]
        student.train(model, images, labels, 6, 1e-2)
        rightly(reference, images, labels, 6, 1e-2)
        others, _ = some(draw, 20)
        with torch.no_grad():
            expect.near(model(others), reference(others), 0.05, "logits after training")


@pytest.mark.weight(4)
@pytest.mark.seconds(30)
@pytest.mark.proves("a small network of ours", "F.cross_entropy")
def test_accuracy_on_unseen_digits(student, expect, draw):
    """A small network learns wandering digits, and recognises digits that it has not seen."""
    images, labels = wandering_digits(draw)
    model = student.define(suite_digit_reader)
    student.train(model, images[:SEEN], labels[:SEEN], EPOCHS, LR)
    logits = expect.tensor(model(images[SEEN:]), (UNSEEN, 10), "logits").double()
    expect.diagnose_by()
    right = int((logits.argmax(1) == labels[SEEN:]).sum())
    expect.that(right >= GATE * UNSEEN, sentence(
        "{right} of {count} unseen digits are recognised; {least} are needed.",
        right=right, count=UNSEEN, least=round(GATE * UNSEEN)))


@pytest.mark.weight(2)
@pytest.mark.proves("used exactly once", "once for each batch")
def test_every_image_once_an_epoch(student, expect, draw):
    """150 images are batches of 64, 64 and 22, and every epoch uses each image once."""
    model = student.define(suite_recorder)
    student.train(model, *numbered(draw, 150), 2, 1e-3)
    sizes, order = model.method("sizes"), model.method("order")
    expect.diagnose_by(sizes)
    expect.equal(sizes, [64, 64, 22] * 2, "images in each batch")
    order = expect.tensor(order, (300,), "images in the order of their use")
    expect.equal(order.double().reshape(2, 150).sort(1).values,
                 torch.arange(150).double().expand(2, 150), "images of each epoch")


def test_a_new_order_every_epoch(student, expect, draw):
    """The images come in random order, and in another one in every epoch."""
    model = student.define(suite_recorder)
    student.train(model, *numbered(draw, 128), 2, 1e-3)
    order = expect.tensor(model.method("order"), (256,), "images in the order of their use")
    first, second = order.double().split(128)
    expect.that(not torch.equal(first, torch.arange(128).double()),
                sentence("The images are not shuffled."))
    expect.that(not torch.equal(first, second),
                sentence("Both epochs use the images in the same order."))


@pytest.mark.weight(2)
def test_losses(student, expect, draw):
    """One mean loss for each epoch, taken before each batch's step."""
    model, reference = student.define(suite_small), twin(suite_small, draw)
    model.state(load=reference.state_dict())
    images, labels = some(draw, 128)
    still = F.cross_entropy(reference(images), labels).item()
    losses = student.train(model, images, labels, 3, 0.0)
    expect.near(torch.tensor(expect.numbers(losses, 3, "losses")), torch.full((3,), still), 1e-3,
                "losses at a learning rate of 0")
    first = student.train.new(model, images, labels, 3, 0.0)
    losses = student.train(model, images[:40], labels[:40], 3, 1e-2)
    expected = rightly(reference, images[:40], labels[:40], 3, 1e-2)
    expect.near(torch.tensor(expect.numbers(losses, 3, "losses")), expected, 1e-2,
                "losses of 40 images")
    expect.near(torch.tensor(expect.numbers(first.value(), 3, "losses")), torch.full((3,), still),
                1e-3, "losses of the first call, after a second")


@pytest.mark.proves("plain Python floats")
def test_losses_are_floats(student, expect, draw):
    """The losses are plain Python floats, not tensors."""
    losses = student.train(student.define(suite_small), *some(draw, 20), 2, 1e-3)
    expect.floats(losses, 2, "losses")


@pytest.mark.proves("training mode")
def test_training_mode(student, expect, draw):
    """A model in evaluation mode is put into training mode first."""
    model = student.define(suite_recorder)
    student.train(model, *numbered(draw, 32), 3, 1e-3)
    expect.equal(model.method("asleep"), 0, "batches in evaluation mode")


@pytest.mark.proves("unchanged")
def test_the_data_is_left_as_it_was(student, expect, draw):
    """Training does not change the images and labels."""
    images, labels = some(draw, 20)
    student.train(student.define(suite_small), images, labels, 2, 1e-3)
    expect.unchanged()
