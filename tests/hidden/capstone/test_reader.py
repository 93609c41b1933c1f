"""make_reader() -> a new network within the budget; train(model, images, labels): train it.

A reader is judged by what it computes, as the judge's own: see ``autograder.suite.network``.
The labels of the unseen images stay here, and no code of the student's meets these images.
"""

import runpy
from fractions import Fraction
from pathlib import Path

import pytest
import torch

from autograder.suite import network, sentence

pytestmark = pytest.mark.question("reader")

RUNES = runpy.run_path(str(Path(__file__).parents[3] / "solutions" / "capstone" / "runes.py"))
BUDGET = 750_000  # products for one image
SEEN, UNSEEN, BATCH = 2_000, 1_000, 50
SECONDS = 40  # for a training; the model solution takes 5 of one core
WHAT = sentence("unseen images that it reads")


def drawn_runes(draw, *counts):
    """Pictures of an alphabet that is drawn for them, and their labels, for each count.

    Each by a generator of its own: it could be guessed from what it has drawn.
    """
    alphabet = RUNES["alphabet"](seeded(draw))
    for count in counts:
        labels = draw.integers(count, low=0, high=9)
        yield RUNES["pictures"](alphabet, labels, seeded(draw)), labels


def seeded(draw):
    return torch.Generator().manual_seed(draw.number(0, 2**31))


def spaced(count):
    """As the notebook writes large numbers: 750 000."""
    return f"{count:,}".replace(",", "\N{NO-BREAK SPACE}")


def within_budget(student, expect, model, images):
    """The network that the model is, on batches like this one."""
    reader = network(student, model, images)
    expect.diagnose_by(reader.macs, reader.answers)
    expect.equal(reader.answers, (len(images), 10), "shape of the logits")
    expect.that(reader.macs <= BUDGET, sentence(
        "It takes {macs} products for one image; {most} are allowed.",
        macs=spaced(reader.macs), most=spaced(BUDGET)))
    return reader


def accuracy(student, expect, draw):
    """The share of unseen images that a reader reads, when it was trained on others."""
    (images, labels), (others, wanted) = drawn_runes(draw, SEEN, UNSEEN)
    model = student.make_reader.new()
    within_budget(student, expect, model, images[:BATCH])  # before anybody waits for its training
    student.train(model, images, labels)
    reader = within_budget(student, expect, model, images[:BATCH])
    right = reader(others).argmax(1) == wanted
    return Fraction(int(right.sum()), UNSEEN)


@pytest.mark.visibility("visible")
@pytest.mark.weight(0.5)
@pytest.mark.proves("750 000 products", "No random numbers")
def test_a_new_reader_is_admitted(student, expect):
    """A new reader answers ten logits for each image, within 750 000 products for one."""
    images = torch.linspace(0, 1, 4 * 3 * 400).reshape(4, 3, 20, 20)
    within_budget(student, expect, student.make_reader.new(), images)


@pytest.mark.visibility("visible")
@pytest.mark.weight(0.5)
@pytest.mark.seconds(SECONDS)
@pytest.mark.proves("in place")
def test_training_teaches(student, expect):
    """Stripes across, stripes down, both, or none: a reader learns to tell most of them apart."""
    number = torch.arange(200)
    stripes = ((torch.arange(20) + number[:, None]) % 4 < 2).float()
    across = stripes[:, None, :, None].expand(-1, 3, 20, 20)
    down = across.transpose(2, 3)
    labels = number // 2 % 4
    images = torch.stack([across, down, (across - down).abs(), 0 * across])[labels, number]
    colours = torch.stack([number % 3, number % 5, number % 7], 1)[:, :, None, None] / 10
    images = 0.2 + 0.5 * images * (1 - colours) + 0.2 * colours
    model = student.make_reader.new()
    new = within_budget(student, expect, model, images[:BATCH])(images)
    student.train(model, images.repeat(2, 1, 1, 1), labels.repeat(2))
    reader = within_budget(student, expect, model, images[:BATCH])
    answers = reader(images)
    right = int((answers.argmax(1) == labels).sum())
    # Two that learn nothing made one mistake where they are one network, or neither was trained.
    expect.diagnose_by(torch.equal(new, answers) or reader.macs)
    expect.that(right >= 140, sentence(
        "It tells {right} of {count} images right that it was trained on; {least} are needed.",
        right=right, count=200, least=140))


@pytest.mark.weight(0.5)
@pytest.mark.seconds(SECONDS)
@pytest.mark.proves("unchanged")
def test_the_data_is_left_as_it_was(student, expect, draw):
    """Training does not change the images and labels."""
    student.train(student.make_reader.new(), *next(drawn_runes(draw, 80)))
    expect.diagnose_by()
    expect.unchanged()


@pytest.mark.weight(1)
@pytest.mark.seconds(SECONDS)
def test_reads_20_percent(measure):
    """Trained on 2 000 images, a reader reads 20 % of 1 000 others: more than chance."""
    measure(accuracy, WHAT, least=20)


@pytest.mark.weight(1)
@pytest.mark.seconds(SECONDS)
def test_reads_57_percent(measure):
    """It reads 57 %."""
    measure(accuracy, WHAT, least=57)


@pytest.mark.weight(1.5)
@pytest.mark.seconds(SECONDS)
def test_reads_80_percent(measure):
    """It reads 80 %."""
    measure(accuracy, WHAT, least=80)


@pytest.mark.weight(1)
@pytest.mark.seconds(SECONDS)
def test_reads_84_percent(measure):
    """It reads 84 %."""
    measure(accuracy, WHAT, least=84)
