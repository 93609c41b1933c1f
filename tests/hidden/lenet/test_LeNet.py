"""LeNet(): images (N, 1, 28, 28) -> logits (N, 10).
shape_trace(model, X): (class name, output shape) of every leaf layer, in the order of calls.

Of the network, names, activations, the kind of pooling and C5 as a convolution are free: parameters
are known by their shapes, and everything else is judged by what the network answers. Traced are
networks of ours: a wrong LeNet costs nothing there.
"""

import math

import pytest
import torch

from autograder.suite import sentence

pytestmark = pytest.mark.question("LeNet")

SHAPES = [(6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 400), (120,), (84, 120), (84,),
          (10, 84), (10,)]
UNITS = (6, 16, 120, 84, 10)  # of the five layers with weights, in their order
FAN_IN = (25, 150, 400, 120)
PROBES = (-1.0, 0.5, 3.0)  # no activation in use is straight through these
HEAD = (torch.arange(10) / 840)[:, None].expand(10, 84)  # a last layer whose logits all differ


def suite_two_calls():
    """Both answers of a network, looked at after the second."""
    return lambda model, X, Y: (model(X), model(Y))


def middle(side):
    """The place of a number near the middle of one of 16 flattened maps, whether channels come
    first or last in it."""
    def off(pixel):
        return max(abs(place - side // 2) for place in divmod(pixel, side))

    return min(range(16 * side**2), key=lambda place: off(place % side**2) + off(place // 16))


class Network:
    """A student's LeNet whose parameters can be set."""

    def __init__(self, student, expect):
        self.remote = student.LeNet.new()
        self._expect = expect
        self._expect.diagnose_by()
        self(torch.zeros(1, 1, 28, 28))  # lazy layers learn their shapes
        state = self.remote.state()
        self.parameters, self._state = state["parameters"], state["state"]
        self.tells_shapes()

    def __call__(self, X):
        """The logits (N, 10), found to be that, in double precision."""
        return self._expect.tensor(self.remote(X), (len(X), 10), "logits").double()

    def tells_shapes(self):
        """All that diagnosis may compare so far: names, activations and weights are free."""
        self._expect.diagnose_by(self.shapes())

    def shapes(self):
        """Of the parameters, sorted; C5 as a convolution counts as the dense layer it is."""
        shapes = [tuple(value.shape) for value in self.parameters.values()]
        return sorted((120, 400) if shape == (120, 16, 5, 5) else shape for shape in shapes)

    def load(self, values):
        """Set every parameter. ``values``: (layer, "weight" or "bias") -> number or tensor, with
        layers counted from 0. What it does not name becomes 0; what is not there is passed over."""
        loaded = {name: torch.zeros(old.shape) for name, old in self._state.items()}
        for (layer, kind), value in values.items():
            for name in self._names(layer, kind):
                if not isinstance(value, torch.Tensor):
                    loaded[name] += value
                elif value.numel() == loaded[name].numel():
                    loaded[name] += value.reshape(loaded[name].shape)
        self.remote.state(load=loaded)
        self.tells_shapes()

    def load_large(self, draw):
        """Random parameters with which the logits depend on the images visibly: those of a new
        network are small, and behind sigmoids hardly move."""
        weights = {(layer, "weight"): 3 * draw.normal(UNITS[layer], fan) / fan**0.5
                   for layer, fan in enumerate((*FAN_IN, 84))}
        self.load(weights | {(layer, "bias"): draw.normal(units)
                             for layer, units in enumerate(UNITS)})

    def side(self):
        """How high and wide the 16 maps are that the dense layers meet: 5, or a fault which is
        the business of the shapes of the parameters alone."""
        sizes = [self._state[name].numel() for name in self._names(2, "weight")]
        return math.isqrt(max(sizes, default=120 * 400) // (120 * 16))

    def _names(self, layer, kind):
        return [name for name, value in self._state.items() if value.dim() > 0
                and value.shape[0] == UNITS[layer] and (value.dim() == 1) == (kind == "bias")]


@pytest.fixture
def network(student, expect):
    """Made when a check asks for it, so that what goes wrong then is that check's."""
    return lambda: Network(student, expect)


@pytest.mark.visibility("visible")
@pytest.mark.weight(4)
@pytest.mark.proves("61 706")
def test_parameters(network, expect):
    """61 706 parameters, registered: a weight and a bias in each of five layers."""
    expect.equal(network().shapes(), sorted(SHAPES), "shapes of the parameters")


@pytest.mark.weight(2)
@pytest.mark.proves("every image for itself")
def test_images_do_not_see_each_other(network, student, expect, draw):
    """An image gets the same logits alone, in a batch with others, and in a second call."""
    model = network()
    model.load_large(draw)
    X, Y = draw.view(4, 1, 28, 28).add_(1), draw.view(4, 1, 28, 28)
    X[3] = X[0]
    first = model(X)
    near = 1e-4 * max(1.0, float(first.abs().max()))
    expect.near(first[3:], first[:1], near, "the same image twice in a batch")
    expect.near(model(X[:1]), first[:1], near, "an image alone")
    expect.near(model(X.contiguous()), first, near, "a second call")
    answers = student.define(suite_two_calls)(model.remote, X, Y)
    before, _ = expect.sequence(answers, 2, "answers")
    expect.near(before, first, near, "the first logits, after a second call")


@pytest.mark.weight(3)
@pytest.mark.proves("a nonlinear activation")
def test_logits_and_not_probabilities(network, expect, draw):
    """With every other parameter at 0, the logits are the last layer's bias."""
    model = network()
    bias = 3 * draw.normal(10)
    bias[:2] = torch.tensor([2.5, -1.5])
    model.load({(4, "bias"): bias})
    expect.near(model(draw.normal(2, 1, 28, 28)), bias.expand(2, 10), 1e-5, "logits")


@pytest.mark.weight(2)
@pytest.mark.proves("16×16 pixels")
def test_receptive_field(network, expect, draw):
    """A feature that the dense layers see depends on 16×16 pixels: 5×5, pool, 5×5, pool."""
    model = network()
    side = model.side()
    eyes = torch.zeros(120, 16 * side**2)
    eyes[:, middle(side)] = 1
    model.load({(layer, "bias"): 0.1 for layer in range(4)} | {
        (0, "weight"): 1 / 25, (1, "weight"): 1 / 150, (2, "weight"): eyes,
        (3, "weight"): 1 / 120, (4, "weight"): HEAD})
    X = torch.zeros(57, 1, 28, 28)
    for line in range(28):  # one image for each row, one for each column, and a black one
        X[line, 0, line] = X[28 + line, 0, :, line] = 3
    order = draw.normal(57).argsort()
    logits = torch.empty(57, dtype=torch.float64)
    logits[order] = model(X[order])[:, -1]
    seen = ((logits - logits[56]).abs() > 2e-6 * logits[56].abs())[:56].reshape(2, 28)
    expect.diagnose_by(seen.sum(1))
    expect.equal(seen.sum(1), torch.tensor([16, 16]),
                 "rows and columns of the image that the middle feature depends on")


def bends(model, layer, X):
    """Whether an activation stands behind ``layer``: answers to three probes are not on a line."""
    answers = []
    for probe in PROBES:
        values = {(i, "bias"): 0.5 for i in range(4)}
        values |= {(i, "weight"): 1 / fan for i, fan in enumerate(FAN_IN)}
        # This layer answers the probe, whatever it sees. Later ones see a small part of it, so
        # small that their own activations are straight there.
        values |= {(layer, "weight"): 0.0, (layer, "bias"): probe, (4, "weight"): HEAD}
        if layer < 3:
            values[layer + 1, "weight"] *= 1e-2
        model.load(values)
        answers.append(float(model(X)[0, -1]))
    low, middle, high = answers
    share = (PROBES[1] - PROBES[0]) / (PROBES[2] - PROBES[0])
    reach = max(answers) - min(answers)
    return 0 < reach < math.inf and abs(middle - low - share * (high - low)) > 0.05 * reach


def expect_bends(expect, model, draw, *layers):
    found = [bends(model, layer, draw.normal(1, 1, 28, 28)) for layer in layers]
    expect.diagnose_by(found)
    expect.that(all(found), sentence("There is no activation after it: two linear layers in a "
                                     "row are one linear layer."))


@pytest.mark.weight(3)
@pytest.mark.proves("a nonlinear activation")
def test_convolutions_are_activated(network, expect, draw):
    """A nonlinear activation follows each of the two convolutions."""
    expect_bends(expect, network(), draw, 0, 1)


@pytest.mark.weight(3)
@pytest.mark.proves("a nonlinear activation")
def test_dense_layers_are_activated(network, expect, draw):
    """A nonlinear activation follows each dense layer but the last."""
    expect_bends(expect, network(), draw, 2, 3)


@pytest.mark.proves("backward pass")
def test_gradients_reach_every_parameter(network, expect, draw):
    """A backward pass gives every parameter of a new network a gradient."""
    _, parameters = network().remote.gradients(
        draw.normal(8, 1, 28, 28), upstream=draw.normal(8, 10))
    gradients = list(parameters.values())
    expect.diagnose_by(gradients)
    for value in gradients or [None]:
        expect.gradient(value, of="LeNet")
    expect.that(all(not value.is_meta and bool(value.any()) for value in gradients),
                sentence("The gradient of a parameter is 0 everywhere: training cannot change it."))


@pytest.mark.proves("state_dict")
def test_state_dict(network, expect, draw):
    """A second LeNet with the state_dict of the first gives the same answers."""
    first, second = network(), network()
    X = draw.normal(2, 1, 28, 28)
    before = first(X)
    state = first.remote.state()["state"]
    changed = {name: value.float() + 0.1 * draw.normal(*value.shape)
               for name, value in state.items()}
    first.remote.state(load=changed)
    second.remote.state(load=changed)
    after = first(X)
    expect.near(second(X), after, 1e-4, "logits")
    expect.that(bool((after - before).abs().max() > 1e-3), sentence(
        "Loading other parameters changes nothing."))


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
def test_a_sequential_network(student, expect, draw):
    """Convolution, activation, pooling, flattening and a dense layer, one after the other."""
    trace = student.shape_trace(student.define(suite_sequential), draw.normal(2, 1, 4, 6))
    expect.equal(trace, [("Conv2d", (2, 4, 4, 6)), ("ReLU", (2, 4, 4, 6)),
                         ("AvgPool2d", (2, 4, 2, 3)), ("Flatten", (2, 24)), ("Linear", (2, 3))],
                 "trace")
    expect.unchanged()


@pytest.mark.weight(3)
@pytest.mark.proves("a leaf is a module", "the order is that of the calls")
def test_leaves_in_the_order_of_calls(student, expect, draw):
    """Layers within layers, called in another order than defined, twice, or never."""
    trace = student.shape_trace(student.define(suite_winding), draw.normal(3, 2, 4, 6))
    expect.equal(trace, [("Conv2d", (3, 3, 2, 5)), ("Halve", (3, 3, 2, 3)),
                         ("MaxPool2d", (3, 3, 1, 1)), ("Tanh", (3, 3, 1, 1)), ("Tanh", (3, 6)),
                         ("Linear", (3, 5))], "trace")


@pytest.mark.proves("left as it was")
def test_the_model_is_left_as_it_was(student, expect, draw):
    """The model is left as it was: no hooks, the same mode; a second trace equals the first."""
    model = student.define(suite_watched)
    X = draw.normal(2, 1, 28, 28)
    expected = [("Flatten", (2, 784)), ("Linear", (2, 7)), ("Sigmoid", (2, 7)), ("Linear", (2, 2))]
    expect.equal(student.shape_trace(model, X), expected, "trace")
    first = student.shape_trace.new(model, X)
    expect.equal(student.shape_trace(model, X), expected, "a second trace")
    student.shape_trace(student.define(suite_sequential), draw.normal(2, 1, 4, 6))
    expect.equal(first.value(), expected, "the first trace, after others")
    expect.equal(model.method("hooks"), 0, "hooks that are left")
    expect.that(model.state().get("training") is True, sentence("The model was in training mode."))
