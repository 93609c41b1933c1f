import pytest
import torch
pytestmark = pytest.mark.question('Inception')
GOOGLENET = (192, 64, (96, 128), (16, 32), 32)

class Block:

    def __init__(self, check, expect, channels):
        pair = check.Inception.new(*channels)
        self.student, self.reference = (pair.student, pair.reference)
        self._expect = expect
        self._expect.diagnose_by()
        self.student(torch.ones(2, channels[0], 1, 1))
        self.shapes = {name: tuple(value.shape) for name, value in self.student.state()['state'].items()}
        self.tells_shapes()

    def tells_shapes(self):
        self._expect.diagnose_by(sorted(self.shapes.values()))

    def answers(self, X):
        with torch.no_grad():
            right = self.reference(X)
        return (right, self._expect.tensor(self.student(X), tuple(right.shape), 'answer').double())

@pytest.fixture
def blocks(check, expect):
    return lambda channels: Block(check, expect, channels)

@pytest.mark.visibility('visible')
@pytest.mark.weight(2)
def test_shape(blocks, draw):
    """GoogLeNet's first block turns 192 channels into 64 + 128 + 32 + 32 = 256."""
    blocks(GOOGLENET).answers(draw.normal(2, 192, 5, 7))
