import pytest
import torch
pytestmark = pytest.mark.question('LeNet')
SHAPES = [(6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 400), (120,), (84, 120), (84,), (10, 84), (10,)]

class Network:

    def __init__(self, student, expect):
        self.remote = student.LeNet.new()
        self._expect = expect
        self.tells()
        self(torch.zeros(1, 1, 28, 28))
        state = self.remote.state()
        self.parameters, self._state = (state['parameters'], state['state'])
        self.tells(self.shapes())

    def __call__(self, X):
        return self._expect.tensor(self.remote(X), (len(X), 10), 'logits').double()

    def tells(self, *found):
        self.remote.taking.answers[:] = found

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
