"""Inception(c_in, c1, c2, c3, c4): four branches over one image, concatenated by channels.

Names are free: parameters are known by their shapes, so the numbers of channels all differ.
"""

import pytest
import torch

from autograder.judge.taking import Verdict, raised_verdict
from autograder.result import Evidence, Mismatch, MismatchKind, Status, sentence

pytestmark = pytest.mark.question("Inception")

SMALL = (5, 3, (4, 6), (2, 7), 8)
WIDE = (3, 9, (5, 2), (4, 7), 6)


def paired(check, channels, values):
    """The student's block and the reference's with the same parameters.
    ``values``: (name, shape) of a parameter of the reference -> its values."""
    pair = check.Inception.new(*channels)
    chosen = {name: values(name, value.shape)
              for name, value in pair.reference.named_parameters()}
    pair.student(torch.ones(1, channels[0], 3, 3))  # lazy layers learn their shapes
    by_shape = {tuple(value.shape): value for value in chosen.values()}
    loaded = {}
    for name, value in pair.student.state()["state"].items():
        if tuple(value.shape) not in by_shape:
            raise Verdict(Status.FAILED, message=sentence(
                "A parameter has a shape that no convolution of the block has."),
                mismatch=Mismatch(kind=MismatchKind.SHAPE, where=name[:100],
                                  actual_shape=list(value.shape)))
        loaded[name] = by_shape[tuple(value.shape)]
    pair.student.state(load=loaded)
    pair.reference.load_state_dict(chosen)
    return pair


@pytest.fixture
def random_block(check, draw):
    def made(channels):
        return paired(check, channels, lambda name, shape: draw.normal(*shape))

    return made


@pytest.mark.visibility("visible")
def test_shape(student, expect, draw):
    """GoogLeNet's first block turns 192 channels into 64 + 128 + 32 + 32 = 256."""
    block = student.Inception.new(192, 64, (96, 128), (16, 32), 32)
    expect.tensor(block(draw.normal(2, 192, 5, 7)), (2, 256, 5, 7), "answer")


def test_parameters(student, expect):
    """Six convolutions with biases, 163 696 parameters in GoogLeNet's first block."""
    block = student.Inception.new(192, 64, (96, 128), (16, 32), 32)
    block(torch.ones(1, 192, 3, 3))  # lazy layers learn their shapes
    found = sorted(tuple(value.shape) for value in block.state()["parameters"].values())
    kernels = [(64, 192, 1, 1), (96, 192, 1, 1), (128, 96, 3, 3), (16, 192, 1, 1), (32, 16, 5, 5),
               (32, 192, 1, 1)]
    expect.equal(found, sorted([*kernels, *((kernel[0],) for kernel in kernels)]),
                 "shapes of the parameters")


@pytest.mark.weight(2)
def test_order_of_concatenation(check, expect):
    """Branch 1 comes first, the pooling branch last."""
    constants = {"b1.bias": 1.0, "b2.bias": 2.0, "b3.bias": 3.0, "b4.bias": 4.0}
    for channels in (SMALL, WIDE):
        block = paired(check, channels,
                       lambda name, shape: torch.full(shape, constants.get(name, 0.0)))
        block(torch.ones(1, channels[0], 4, 5))


@pytest.mark.weight(3)
def test_values(random_block, draw):
    """Any parameters, images wider than tall, and negative numbers at the border."""
    block = random_block(SMALL)
    block(draw.normal(2, 5, 6, 9) - 1)
    block(draw.normal(1, 5, 7, 3) + 1)
    random_block(WIDE)(draw.normal(3, 3, 4, 4) - 1)


def test_images_stay_as_they_are(random_block, draw):
    """The block does not change its input: a second call gives the same."""
    block, X = random_block(SMALL), draw.normal(2, 5, 5, 6)
    block(X)
    block(X)


def test_gradients(random_block, expect, draw):
    """Autograd reaches the image and every parameter."""
    block, X = random_block(SMALL), draw.normal(2, 5, 5, 6)
    upstream = draw.normal(2, 24, 5, 6)
    evidence = Evidence(function="Inception")
    reply = block.student.taking.ask(
        "gradients", evidence, target=block.student.handle, arguments=[X], wanted=[0],
        upstream=upstream)
    if reply.raised is not None:
        raise raised_verdict(reply.raised, evidence)
    _, inputs, found = expect.sequence(reply.answer, 3, "gradients")
    given = [*expect.sequence(inputs, 1, "gradients"),
             *(found.values() if isinstance(found, dict) else ())]
    leaf = X.clone().requires_grad_(True)
    right = torch.autograd.grad(block.reference(leaf), [leaf, *block.reference.parameters()],
                                upstream)
    for expected in right:
        near = [value for value in given if isinstance(value, torch.Tensor)
                and value.shape == expected.shape]
        if not near:
            raise Verdict(Status.FAILED, mismatch=Mismatch(kind=MismatchKind.GRADIENT),
                          evidence=evidence)
        expect.near(near[0], expected, 1e-3 * float(expected.abs().max()) + 1e-4, "gradient")
