import pytest
import torch
from autograder.suite import network, sentence
pytestmark = pytest.mark.question('reader')
BUDGET = 750000
BATCH = 50
SECONDS = 40

def spaced(count):
    return f'{count:,}'.replace(',', '\xa0')

def within_budget(student, expect, model, images):
    reader = network(student, model, images)
    expect.diagnose_by(reader.macs, reader.answers)
    expect.equal(reader.answers, (len(images), 10), 'shape of the logits')
    expect.that(reader.macs <= BUDGET, sentence('It takes {macs} products for one image; {most} are allowed.', macs=spaced(reader.macs), most=spaced(BUDGET)))
    return reader

@pytest.mark.visibility('visible')
@pytest.mark.weight(0.5)
def test_a_new_reader_is_admitted(student, expect):
    """A new reader answers ten logits for each image, within 750 000 products for one."""
    images = torch.linspace(0, 1, 4 * 3 * 400).reshape(4, 3, 20, 20)
    within_budget(student, expect, student.make_reader.new(), images)

@pytest.mark.visibility('visible')
@pytest.mark.weight(0.5)
@pytest.mark.seconds(SECONDS)
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
    expect.diagnose_by(torch.equal(new, answers) or reader.macs)
    expect.that(right >= 140, sentence('It tells {right} of {count} images right that it was trained on; {least} are needed.', right=right, count=200, least=140))
