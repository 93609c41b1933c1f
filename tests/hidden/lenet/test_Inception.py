"""Inception(c_in, c1, c2, c3, c4): four branches over one image, concatenated by channels.

Names are free: parameters are known by their shapes, so the numbers of channels all differ.
"""

import pytest
import torch

from autograder.suite import sentence

pytestmark = pytest.mark.question("Inception")

GOOGLENET = (192, 64, (96, 128), (16, 32), 32)
SMALL = (5, 3, (4, 6), (2, 7), 8)
WIDE = (3, 9, (5, 2), (4, 7), 6)
BIASES = {"b1.bias": 1.0, "b2.bias": 2.0, "b3.bias": 3.0, "b4.bias": 4.0}


def different(draw):
    """Channels of a block, all different."""
    c_in, c1, *others, c4 = (2 + draw.normal(7).argsort()).tolist()
    return c_in, c1, tuple(others[:2]), tuple(others[2:]), c4


def suite_two_calls():
    """Both answers of a block, looked at after the second."""
    return lambda block, X, Y: (block(X), block(Y))


class Block:
    """The student's block and the reference's, with the same parameters."""

    def __init__(self, check, expect, channels):
        pair = check.Inception.new(*channels)
        self.student, self.reference = pair.student, pair.reference
        self._expect = expect
        self._expect.diagnose_by()
        self.student(torch.ones(2, channels[0], 1, 1))  # lazy layers learn their shapes
        self.shapes = {name: tuple(value.shape)
                       for name, value in self.student.state()["state"].items()}
        self.tells_shapes()

    def tells_shapes(self):
        """All that diagnosis may compare so far: names and weights are free."""
        self._expect.diagnose_by(sorted(self.shapes.values()))

    def load(self, values):
        """Give both the same parameters, matched by shape; ``values``: name -> tensor."""
        by_shape = {tuple(value.shape): value for value in values.values()}
        for name, shape in self.shapes.items():
            self._expect.shape(shape, by_shape, sentence(
                "A parameter has a shape that no convolution of the block has."), name)
        self.student.state(load={name: by_shape[shape] for name, shape in self.shapes.items()})
        self.reference.load_state_dict(values)
        self.tells_shapes()

    def load_random(self, draw):
        self.load({name: draw.normal(*old.shape)
                   for name, old in self.reference.named_parameters()})

    def places(self):
        """Where the student puts each of the reference's channels, once branch k is made to
        answer k: the order of the branches is one check's business, and no other's."""
        self.load({name: torch.full(old.shape, BIASES.get(name, 0.0))
                   for name, old in self.reference.named_parameters()})
        _, answer = self.answers(torch.ones(1, self.reference.b1.in_channels, 2, 2))
        return answer[0, :, 0, 0].argsort(stable=True)

    def answers(self, X):
        """The reference's answer, and the student's, found to have its shape."""
        with torch.no_grad():
            right = self.reference(X)
        return right, self._expect.tensor(self.student(X), tuple(right.shape), "answer").double()


@pytest.fixture
def blocks(check, expect):
    return lambda channels: Block(check, expect, channels)


@pytest.mark.visibility("visible")
@pytest.mark.weight(2)
def test_shape(blocks, draw):
    """GoogLeNet's first block turns 192 channels into 64 + 128 + 32 + 32 = 256."""
    blocks(GOOGLENET).answers(draw.normal(2, 192, 5, 7))


def test_shape_of_equal_branches(blocks, draw):
    """Four branches with the same number of output channels."""
    blocks((4, 3, (2, 3), (2, 3), 3)).answers(draw.normal(1, 4, 5, 7))


@pytest.mark.proves("every convolution has a bias")
def test_parameters(blocks, expect, draw):
    """Six convolutions with biases, 163 696 parameters in GoogLeNet's first block."""
    for channels in (GOOGLENET, different(draw)):
        block = blocks(channels)
        expect.equal(sorted(block.shapes.values()),
                     sorted(tuple(value.shape) for value in block.reference.parameters()),
                     "shapes of the parameters")


@pytest.mark.weight(3)
def test_order_of_concatenation(blocks, expect, draw):
    """Branch 1 comes first, the pooling branch last."""
    for _ in range(2):
        places = blocks(different(draw)).places()
        expect.equal(places, torch.arange(len(places)), "order of the channels")


@pytest.mark.weight(4)
@pytest.mark.proves("a ReLU", "any height and width")
def test_values(blocks, expect, draw):
    """Any parameters, images wider than tall, and negative numbers at the border."""
    for channels, size in ((SMALL, (6, 9)), (SMALL, (7, 3)), (WIDE, (4, 4))):
        block = blocks(channels)
        places = block.places()
        block.load_random(draw)
        right, answer = block.answers(draw.normal(2, channels[0], *size) - 0.7)
        expect.near(answer[:, places], right, 1e-4 * float(right.max()), "answer")


@pytest.mark.proves("unchanged")
def test_images_stay_as_they_are(blocks, student, expect, draw):
    """The block does not change its input, and a second call gives the same."""
    block, X, Y = blocks(SMALL), draw.view(2, 5, 5, 6), draw.view(2, 5, 5, 6)
    first = expect.tensor(block.student(X), (2, 24, 5, 6), "answer")
    expect.unchanged()
    other = expect.tensor(block.student(Y), (2, 24, 5, 6), "answer")
    expect.that(not torch.equal(other, first),
                sentence("Two different images get the same answer."))
    expect.near(block.student(X.contiguous()), first, 1e-4, "a second answer")
    answers = student.define(suite_two_calls)(block.student, X, Y)
    before, _ = expect.sequence(answers, 2, "answers")
    expect.near(before, first, 1e-4, "the first answer, after a second call")


@pytest.mark.weight(2)
@pytest.mark.proves("differentiable")
def test_gradients(blocks, expect, draw):
    """Autograd reaches the image and every parameter."""
    block, X, upstream = blocks(SMALL), draw.normal(2, 5, 5, 6) - 1.5, draw.normal(2, 24, 5, 6)
    places = block.places()
    block.load_random(draw)
    inputs, parameters = block.student.gradients(
        X, upstream=torch.empty_like(upstream).index_copy(1, places, upstream), wanted=[0])
    given = [*inputs, *parameters.values()]
    leaf = X.clone().requires_grad_(True)
    right = torch.autograd.grad(block.reference(leaf), [leaf, *block.reference.parameters()],
                                upstream)
    by_shape = {tuple(value.shape): value for value in given if isinstance(value, torch.Tensor)}
    near = [by_shape.get(tuple(expected.shape)) for expected in right]
    expect.diagnose_by(near)
    for actual, expected in zip(near, right, strict=True):
        actual = expect.gradient(actual, of="Inception")
        expect.near(actual, expected, 1e-3 * float(expected.abs().max()) + 1e-4, "gradient")
