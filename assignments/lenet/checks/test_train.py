import pytest
import torch
from autograder.suite import sentence
pytestmark = pytest.mark.question('train')

def suite_small():
    from torch import nn
    return nn.Sequential(nn.Conv2d(1, 4, 5, stride=4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10))

@pytest.mark.visibility('visible')
def test_the_loss_falls(student, expect):
    """Ten images, each with one bright row: forty epochs make the loss fall."""
    images = torch.zeros(10, 1, 28, 28)
    for label in range(10):
        images[label, 0, 2 * label + 4] = 1
    losses = student.train(student.define(suite_small), images, torch.arange(10), 40, 0.01)
    losses = expect.numbers(losses, 40, 'losses')
    expect.that(min(losses) < losses[0] / 2, sentence('The loss does not fall.'))
