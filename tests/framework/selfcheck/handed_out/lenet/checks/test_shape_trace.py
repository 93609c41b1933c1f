import inspect
import pytest
from autograder.judge.modules import Remote
from autograder.judge.taking import Verdict, raised_verdict
from autograder.result import Evidence, Status
from autograder.sandbox.wire import Handle
pytestmark = pytest.mark.question('LeNet')

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

def suite_sequential():
    from torch import nn
    return nn.Sequential(nn.Conv2d(1, 4, 5, padding=2), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(24, 3))

@pytest.mark.visibility('visible')
@pytest.mark.weight(3)
def test_a_sequential_network(plant, student, expect, draw):
    """Convolution, activation, pooling, flattening and a dense layer, one after the other."""
    trace = student.shape_trace(plant(suite_sequential).handle, draw.normal(2, 1, 4, 6))
    expect.equal(trace, [('Conv2d', (2, 4, 4, 6)), ('ReLU', (2, 4, 4, 6)), ('AvgPool2d', (2, 4, 2, 3)), ('Flatten', (2, 24)), ('Linear', (2, 3))], 'trace')
