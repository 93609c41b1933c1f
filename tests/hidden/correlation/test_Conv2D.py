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


@pytest.mark.weight(0.5)
@pytest.mark.proves("own parameters", "X is unchanged")
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


@pytest.mark.proves("differentiable")
def test_gradients_reach_the_parameters(check, draw):
    """Autograd reaches the input, the weight and the bias."""
    layer = check.Conv2D.new((2, 3))
    layer.load(weight=draw.normal(2, 3), bias=draw.normal(1))
    layer.gradients(draw.normal(5, 6))


@pytest.mark.weight(0.5)
@pytest.mark.proves("state_dict")
def test_state_dict_round_trip(student, expect, draw):
    """A layer restored by load_state_dict gives the same answers as the one that was saved."""
    layer = student.Conv2D.new((2, 3))
    weight, bias = draw.normal(2, 3), draw.normal(1)
    state = layer.state(load={"weight": weight, "bias": bias})["state"]
    expect.equal(state.get("weight"), weight, "weight")
    expect.equal(state.get("bias"), bias, "bias")


def suite_moved():
    """The answer of a layer that has been moved as one moves layers."""
    return lambda layer, X, to: (layer.double() if to == "double" else layer.to(to))(X)


@pytest.mark.weight(0.5)
@pytest.mark.proves("in dtype and device")
def test_a_layer_that_was_moved(student, expect, draw):
    """A layer in double precision answers in it, and one on the meta device there."""
    layer, weight, bias = student.Conv2D.new((2, 3)), draw.normal(2, 3), draw.normal(1)
    layer.state(load={"weight": weight, "bias": bias})
    X = draw.normal(draw.number(4, 7), draw.number(8, 12), dtype=torch.float64)
    answer = student.define(suite_moved)(layer, X, "double")
    windows = X.unfold(0, 2, 1).unfold(1, 3, 1)
    right = (windows * weight.double()).sum((2, 3)) + bias.double()
    expect.near(answer, right, 1e-9, "answer in double precision")
    expect.equal(answer, answer.double(), "answer in double precision")
    expect.on_meta(student.define(suite_moved)(layer, X.to("meta"), "meta"), tuple(right.shape),
                   "answer on the meta device")


@pytest.mark.weight(0.25)
@pytest.mark.proves("taller or wider")
def test_oversized_weight_is_refused(student, refuses, draw):
    """A layer refuses an image smaller than its weight."""
    layer = student.Conv2D.new((3, 2))
    layer(draw.normal(3, 2))
    refuses(layer, draw.normal(2, draw.number(3, 9)))
    refuses(layer, draw.normal(draw.number(3, 9), 1))


@pytest.mark.weight(0.25)
@pytest.mark.proves("not two-dimensional")
def test_other_dimensions_are_refused(student, refuses, draw):
    """A layer refuses an image that is not two-dimensional."""
    layer = student.Conv2D.new((3, 2))
    layer(draw.normal(4, 5))
    refuses(layer, draw.normal(draw.number(3, 6), 4, 5))
