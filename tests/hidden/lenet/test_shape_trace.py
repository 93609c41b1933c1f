"""shape_trace(model, X): (class name, output shape) of every leaf layer, in the order of calls."""

import inspect

import pytest

from autograder.judge.check_run import Verdict, raised_verdict
from autograder.judge.objects import Remote
from autograder.protocol import Handle
from autograder.result import Evidence, Status, sentence

pytestmark = pytest.mark.question("LeNet")


@pytest.fixture
def plant(student):
    """Makes a network of ours in the student's worker: ``make`` is defined and called there."""
    taking = student._taking

    def planted(make):
        evidence = Evidence(function=make.__name__)
        taking.ask("load", evidence, cell=-1, source=inspect.getsource(make), graded=[],
                   replaced=[])
        reply = taking.ask("call", evidence, name=make.__name__, arguments=[], keywords={},
                           keep=True)
        if reply.raised is not None:
            raise raised_verdict(reply.raised, evidence)
        if not isinstance(reply.answer, Handle):
            raise Verdict(Status.CRASHED, evidence=evidence)
        taking.answers.pop()  # a handle's number says nothing about the student's code
        return Remote(taking, reply.answer, make.__name__)

    return planted


def suite_sequential():
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 4, 5, padding=2), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(24, 3)
    )


def suite_winding():
    """Layers within layers, one called twice, one never, one of a class nobody knows."""
    import torch
    from torch import nn

    class Halve(nn.Module):
        def forward(self, X):
            return X[..., ::2]

    class Winding(nn.Module):
        def __init__(self):
            super().__init__()
            self.last = nn.Linear(6, 5)
            self.unused = nn.Dropout(0.5)
            self.bend = nn.Tanh()
            self.first = nn.Sequential(
                nn.Sequential(nn.Conv2d(2, 3, (3, 2)), Halve()), nn.MaxPool2d(2))

        def forward(self, X):
            maps = self.bend(self.first(X)).flatten(1)
            return self.last(self.bend(torch.cat([maps, maps], dim=1)))

    return Winding()


def suite_watched():
    from torch import nn

    class Watched(nn.Sequential):
        def hooks(self):
            """How many hooks there are, on this module and the ones within."""
            return sum(len(kept) for module in self.modules() for kept in (
                module._forward_hooks, module._forward_pre_hooks, module._backward_hooks))

    return Watched(nn.Flatten(), nn.Linear(784, 7), nn.Sequential(nn.Sigmoid(), nn.Linear(7, 2)))


@pytest.mark.visibility("visible")
@pytest.mark.weight(3)
def test_a_sequential_network(plant, student, expect, draw):
    """Convolution, activation, pooling, flattening and a dense layer, one after the other."""
    trace = student.shape_trace(plant(suite_sequential).handle, draw.normal(2, 1, 4, 6))
    expect.equal(trace, [("Conv2d", (2, 4, 4, 6)), ("ReLU", (2, 4, 4, 6)),
                         ("AvgPool2d", (2, 4, 2, 3)), ("Flatten", (2, 24)), ("Linear", (2, 3))],
                 "trace")


@pytest.mark.weight(3)
def test_leaves_in_the_order_of_calls(plant, student, expect, draw):
    """Layers within layers, called in another order than defined, twice, or never."""
    trace = student.shape_trace(plant(suite_winding).handle, draw.normal(3, 2, 4, 6))
    expect.equal(trace, [("Conv2d", (3, 3, 2, 5)), ("Halve", (3, 3, 2, 3)),
                         ("MaxPool2d", (3, 3, 1, 1)), ("Tanh", (3, 3, 1, 1)), ("Tanh", (3, 6)),
                         ("Linear", (3, 5))], "trace")


def test_the_model_is_left_as_it_was(plant, student, expect, draw):
    """The model is left as it was: no hooks, the same mode; a second trace equals the first."""
    model = plant(suite_watched)
    X = draw.normal(2, 1, 28, 28)
    expected = [("Flatten", (2, 784)), ("Linear", (2, 7)), ("Sigmoid", (2, 7)), ("Linear", (2, 2))]
    expect.equal(student.shape_trace(model.handle, X), expected, "trace")
    expect.equal(student.shape_trace(model.handle, X), expected, "a second trace")
    expect.equal(model.method("hooks"), 0, "hooks that are left")
    expect.that(model.state().get("training") is True, sentence("The model was in training mode."))
