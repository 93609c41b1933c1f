"""feature_maps(model, X): (name, answer) of every nn.Conv2d, in the order of calls.

The models are ours, with weights that are the same here and in the worker: what their convolutions
answer is worked out here, step by step.
"""

import pytest
import torch

from autograder.suite import sentence

pytestmark = pytest.mark.question("feature_maps")

NEAR = (1e-4, 1e-4)


def suite_plain():
    import torch
    from torch import nn

    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(2, 3, 2))
    generator = torch.Generator().manual_seed(1)
    for parameter in model.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    return model


def plain_maps(X):
    model = suite_plain()
    with torch.no_grad():
        first = model[0](X)
        return [("0", first), ("3", model[3](model[2](first.relu())))]


def suite_winding():
    """Convolutions within others' modules, called in another order, twice, and never."""
    import torch
    from torch import nn

    class Winding(nn.Module):
        def __init__(self):
            super().__init__()
            self.last = nn.Conv2d(2, 3, (1, 2))
            self.unused = nn.Conv2d(1, 1, 1)
            self.first = nn.Sequential(nn.AvgPool2d(2), nn.Sequential(nn.Conv2d(1, 2, 1)))
            self.again = nn.Conv2d(2, 2, 3, padding=1)
            self.head = nn.Linear(3, 4)

        def forward(self, X):
            maps = self.again(self.again(self.first(X)).tanh())
            return self.head(self.last(maps).amax((2, 3)))

    model = Winding()
    generator = torch.Generator().manual_seed(2)
    for parameter in model.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    return model


def suite_in_place():
    """Activations that overwrite what they are given."""
    import torch
    from torch import nn

    model = nn.Sequential(nn.Conv2d(2, 3, 2), nn.ReLU(inplace=True), nn.Conv2d(3, 2, 3),
                          nn.Hardtanh(inplace=True))
    generator = torch.Generator().manual_seed(3)
    for parameter in model.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    return model


def suite_training():
    """In training mode, with layers that answer otherwise there."""
    import torch
    from torch import nn

    class Training(nn.Sequential):
        def hooks(self):
            """How many hooks there are, on this module and the ones within."""
            return sum(len(kept) for module in self.modules() for kept in (
                module._forward_hooks, module._forward_pre_hooks, module._backward_hooks))

    model = Training(nn.Conv2d(1, 2, 2), nn.BatchNorm2d(2), nn.Dropout(0.5), nn.Conv2d(2, 2, 2))
    generator = torch.Generator().manual_seed(4)
    for parameter in model.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    model[1].running_mean.copy_(torch.tensor([2.0, -1.0]))
    model[1].running_var.copy_(torch.tensor([0.5, 4.0]))
    return model.train()


def suite_graphs():
    """Of an answer: whether its maps hold a graph."""
    return lambda found: [bool(maps.requires_grad) for _, maps in found]


def expect_maps(expect, found, expected, where="maps"):
    pairs = [expect.sequence(pair, 2, where) for pair in expect.sequence(
        found, len(expected), where)]
    expect.equal([name for name, _ in pairs], [name for name, _ in expected], "names")
    for (name, given), (_, right) in zip(pairs, expected, strict=True):
        expect.tensor(given, tuple(right.shape), name)
        expect.equal(given, right, name, within=NEAR)


@pytest.mark.visibility("visible")
@pytest.mark.weight(3)
def test_two_convolutions(student, expect, draw):
    """Convolution, activation, pooling, convolution, one after the other."""
    X = draw.normal(2, 1, 8, 7)
    expect_maps(expect, student.feature_maps(student.define(suite_plain), X), plain_maps(X))
    expect.unchanged()


@pytest.mark.weight(3)
@pytest.mark.proves("every nn.Conv2d that is called", "the order is that of the calls")
def test_convolutions_in_the_order_of_calls(student, expect, draw):
    """Convolutions within other modules, called in another order than defined, twice, or never."""
    X, model = draw.normal(3, 1, 8, 6), suite_winding()
    with torch.no_grad():
        first = model.first(X)
        second = model.again(first)
        third = model.again(second.tanh())
        expected = [("first.1.0", first), ("again", second), ("again", third),
                    ("last", model.last(third))]
    expect_maps(expect, student.feature_maps(student.define(suite_winding), X), expected)


@pytest.mark.weight(2)
@pytest.mark.proves("what the convolution itself answered")
def test_maps_as_they_were_answered(student, expect, draw):
    """An activation that overwrites a map does not change what is in the list."""
    X, model = draw.normal(2, 2, 6, 7), suite_in_place()
    with torch.no_grad():
        first = model[0](X)
        second = model[2](first.relu())
    expect_maps(expect, student.feature_maps(student.define(suite_in_place), X),
                [("0", first), ("2", second)])


def evaluated_maps(X):
    model = suite_training().eval()
    with torch.no_grad():
        first = model[0](X)
        return [("0", first), ("3", model[3](model[1](first)))]


@pytest.mark.weight(2)
@pytest.mark.proves("dropout drops nothing")
def test_maps_of_evaluation_mode(student, expect, draw):
    """A model in training mode is looked at in evaluation mode: dropout, batch normalisation."""
    X = draw.normal(4, 1, 5, 5)
    expect_maps(expect, student.feature_maps(student.define(suite_training), X), evaluated_maps(X))


@pytest.mark.weight(2)
@pytest.mark.proves("left as it was")
def test_the_model_is_left_as_it_was(student, expect, draw):
    """No hooks, the same mode, the same statistics; a second look sees the same."""
    model, X = student.define(suite_training), draw.normal(4, 1, 5, 5)
    before = model.state()
    student.feature_maps(model, X)
    after = model.state()
    expect.diagnose_by(after["training"] is True, model.method("hooks"))
    expect.that(after["training"] is True, sentence("The model was in training mode."))
    expect.equal(model.method("hooks"), 0, "hooks that are left")
    expect.holds(
        lambda one, other: all(torch.equal(other[name], value) for name, value in one.items()),
        before["state"], after["state"],
        message=sentence("The model's parameters or statistics have changed."))
    expect_maps(expect, student.feature_maps(model, X), evaluated_maps(X))


@pytest.mark.proves("hold no graph")
def test_maps_hold_no_graph(student, expect, draw):
    """The maps are numbers without a graph behind them."""
    found = student.feature_maps.new(student.define(suite_plain), draw.normal(2, 1, 8, 7))
    graphs = student.define(suite_graphs)(found)
    expect.diagnose_by(graphs)
    expect.that(all(graph is False for graph in expect.sequence(graphs, 2, "maps")), sentence(
        "A map still requires gradients, and keeps the whole graph behind it."))


def test_two_calls(student, expect, draw):
    """The first answer, after a second call on other images."""
    model = student.define(suite_plain)
    X, Y = draw.view(2, 1, 8, 7), draw.view(2, 1, 8, 7)
    first = student.feature_maps.new(model, X)
    expect_maps(expect, student.feature_maps(model, Y), plain_maps(Y))
    expect_maps(expect, first.value(), plain_maps(X), "the first maps, after a second call")
