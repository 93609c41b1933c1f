import inspect
import pytest
import torch
from autograder.judge.modules import Remote
from autograder.judge.taking import Verdict, raised_verdict
from autograder.result import Evidence, Status, sentence
from autograder.sandbox.wire import Handle
pytestmark = pytest.mark.question('train')

@pytest.fixture
def plant(student):
    taking = student._taking

    def planted(make):
        evidence = Evidence(function=make.__name__)
        taking.ask('load', evidence, cell=-1, source=inspect.getsource(make), graded=[], replaced=[])
        reply = taking.ask('call', evidence, name=make.__name__, arguments=[], keywords={}, keep=True)
        if reply.raised is not None:
            raise raised_verdict(reply.raised, evidence)
        if not isinstance(reply.answer, Handle):
            raise Verdict(Status.CRASHED, evidence=evidence)
        taking.answers.pop()
        return Remote(taking, reply.answer, make.__name__)
    return planted

def suite_small():
    from torch import nn
    return nn.Sequential(nn.Conv2d(1, 4, 5, stride=4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10))

@pytest.mark.visibility('visible')
def test_the_loss_falls(plant, student, expect):
    """Ten images, each a bright row of its own: forty epochs bring the loss down."""
    images = torch.zeros(10, 1, 28, 28)
    for label in range(10):
        images[label, 0, 2 * label + 4] = 1
    losses = student.train(plant(suite_small).handle, images, torch.arange(10), 40, 0.01)
    losses = expect.numbers(losses, 40, 'losses')
    expect.that(min(losses) < losses[0] / 2, sentence('The loss does not fall.'))
