import pytest
import torch
pytestmark = pytest.mark.question('LeNet')
SHAPES = [(6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 400), (120,), (84, 120), (84,), (10, 84), (10,)]

class Network:

    def __init__(self, student, expect):
        self.remote = student.LeNet.new()
        self._expect = expect
        self._expect.diagnose_by()
        self(torch.zeros(1, 1, 28, 28))
        state = self.remote.state()
        self.parameters, self._state = (state['parameters'], state['state'])
        self.tells_shapes()

    def __call__(self, X):
        return self._expect.tensor(self.remote(X), (len(X), 10), 'logits').double()

    def tells_shapes(self):
        self._expect.diagnose_by(self.shapes())

    def shapes(self):
        shapes = [tuple(value.shape) for value in self.parameters.values()]
        return sorted(((120, 400) if shape == (120, 16, 5, 5) else shape for shape in shapes))

@pytest.fixture
def network(student, expect):
    return lambda: Network(student, expect)

@pytest.mark.visibility('visible')
@pytest.mark.weight(4)
def test_parameters(network, expect):
    """61 706 parameters, registered: a weight and a bias in each of five layers."""
    expect.equal(network().shapes(), sorted(SHAPES), 'shapes of the parameters')

def suite_sequential():
    from torch import nn
    return nn.Sequential(nn.Conv2d(1, 4, 5, padding=2), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(24, 3))

@pytest.mark.visibility('visible')
@pytest.mark.weight(3)
def test_a_sequential_network(student, expect, draw):
    """Convolution, activation, pooling, flattening and a dense layer, one after the other."""
    trace = student.shape_trace(student.define(suite_sequential), draw.normal(2, 1, 4, 6))
    expect.equal(trace, [('Conv2d', (2, 4, 4, 6)), ('ReLU', (2, 4, 4, 6)), ('AvgPool2d', (2, 4, 2, 3)), ('Flatten', (2, 24)), ('Linear', (2, 3))], 'trace')
    expect.unchanged()
