"""Conv2D(kernel_size): a module that correlates its input with ``weight`` and adds ``bias``."""

import pytest
import torch

pytestmark = pytest.mark.question("Conv2D")


def suite_two_calls():
    """Both answers of a layer, looked at after the second."""
    return lambda layer, X, Y: (layer(X), layer(Y))


@pytest.mark.visibility("visible")
def test_forward_example(check):
    """A 2×2 layer of ones with bias 1, on the image 0, 1, …, 8."""
    layer = check.Conv2D.new((2, 2))
    layer.load(weight=torch.ones(2, 2), bias=torch.ones(1))
    layer(torch.arange(9.0).reshape(3, 3))


@pytest.mark.weight(2)
def test_forward(check, draw):
    """Any parameters, rectangular sizes: the layer uses its own weight and bias."""
    layer = check.Conv2D.new((3, 2))
    layer.load(weight=draw.normal(3, 2), bias=draw.normal(1))
    layer(draw.normal(7, 9))
    layer(draw.normal(5, 4))


def test_layers_are_independent(check, student, expect, draw):
    """Two layers do not share parameters, and two calls do not share answers."""
    first, second = check.Conv2D.new((2, 3)), check.Conv2D.new((2, 3))
    first.load(weight=draw.normal(2, 3), bias=draw.normal(1))
    second.load(weight=draw.normal(2, 3), bias=draw.normal(1))
    X, Y = draw.view(6, 5), draw.view(6, 5)
    first(X)
    second(X)
    first(Y)
    answers = student.define(suite_two_calls)(first.student, X, Y)
    before, _ = expect.sequence(answers, 2, "answers")
    expect.near(before, first.reference(X).detach(), 1e-4, "the first answer, after a second call")


@pytest.mark.weight(2)
def test_parameters_are_registered(check, draw):
    """``weight`` has the kernel's size, ``bias`` one element, and an optimizer finds both."""
    check.Conv2D.new((draw.number(2, 9), draw.number(10, 20))).parameters()


def test_bias_starts_at_zero(student, expect, draw):
    """A new layer's bias is zero."""
    state = student.Conv2D.new((draw.number(2, 9), draw.number(2, 9))).state()["state"]
    expect.equal(state.get("bias"), torch.zeros(1), "bias")


def test_int_and_pair_sizes(check, draw):
    """Conv2D(3) is a 3×3 kernel, Conv2D((1, 4)) a 1×4 one."""
    for size in (3, (1, 4), draw.number(4, 20), (draw.number(2, 9), 1)):
        check.Conv2D.new(size).parameters()


@pytest.mark.weight(2)
def test_gradients_reach_the_parameters(check, draw):
    """Autograd reaches the input, the weight and the bias."""
    layer = check.Conv2D.new((2, 3))
    layer.load(weight=draw.normal(2, 3), bias=draw.normal(1))
    layer.gradients(draw.normal(5, 6))


def test_state_dict_round_trip(student, expect, draw):
    """A layer restored by load_state_dict gives the same answers as the one that was saved."""
    layer = student.Conv2D.new((2, 3))
    weight, bias = draw.normal(2, 3), draw.normal(1)
    state = layer.state(load={"weight": weight, "bias": bias})["state"]
    expect.equal(state.get("weight"), weight, "weight")
    expect.equal(state.get("bias"), bias, "bias")
