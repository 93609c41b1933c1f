"""LeNet(): images (N, 1, 28, 28) -> logits (N, 10).

Names, activations, the kind of pooling and C5 as a convolution are free: parameters are known by
their shapes, and everything else is judged by what the network answers.
"""

import pytest
import torch

from autograder.judge.taking import Verdict, raised_verdict
from autograder.result import Evidence, Mismatch, MismatchKind, Status, sentence

pytestmark = pytest.mark.question("LeNet")

SHAPES = [(6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 400), (120,), (84, 120), (84,),
          (10, 84), (10,)]
UNITS = (6, 16, 120, 84, 10)  # of the five layers with weights, in their order
FAN_IN = (25, 150, 400, 120)
PROBES = (-1.0, 0.5, 3.0)  # no activation in use is straight through these
LARGEST = 100_000  # elements; no tensor of a LeNet has as many


class Network:
    """A student's LeNet whose parameters can be set."""

    def __init__(self, student, expect, draw):
        self.remote = student.LeNet.new()
        self._expect = expect
        self(draw.normal(1, 1, 28, 28))  # lazy layers learn their shapes
        self.state = self.remote.state()
        for name, value in self.state["state"].items():
            if value.is_meta or value.is_complex() or value.numel() > LARGEST:
                raise Verdict(Status.FAILED,
                              mismatch=Mismatch(kind=MismatchKind.SHAPE, where=name[:100]))

    def __call__(self, X):
        """The logits (N, 10), found to be that, in double precision."""
        logits = self._expect.tensor(self.remote(X), (len(X), 10), "logits")
        self._expect.equal(logits.device.type, "cpu", "device of the logits")
        return logits.double()

    def load(self, values):
        """Set every parameter. ``values``: (layer, "weight" or "bias") -> number or tensor, with
        layers counted from 0; parameters that it does not name become 0."""
        loaded = {name: torch.zeros(old.shape) for name, old in self.state["state"].items()}
        for (layer, kind), value in values.items():
            names = [name for name, old in loaded.items() if old.dim() > 0 and
                     old.shape[0] == UNITS[layer] and (old.dim() == 1) == (kind == "bias")]
            if not names:
                raise Verdict(Status.FAILED, message=sentence(
                    "No {kind} of {units} units is registered.", kind=kind, units=UNITS[layer]))
            for name in names:
                loaded[name] += self._fitted(name, value, loaded[name].shape)
        self.remote.state(load=loaded)

    @staticmethod
    def _fitted(name, value, shape):
        if not isinstance(value, torch.Tensor):
            return value
        if value.numel() != shape.numel():
            raise Verdict(Status.FAILED, mismatch=Mismatch(
                kind=MismatchKind.SHAPE, where=name[:100], expected_shape=list(value.shape),
                actual_shape=list(shape)))
        return value.reshape(shape)


@pytest.fixture
def network(student, expect, draw):
    """Made when a check asks for it, so that what goes wrong then is that check's."""
    return lambda: Network(student, expect, draw)


@pytest.mark.visibility("visible")
@pytest.mark.weight(2)
def test_parameters(network, expect):
    """61 706 parameters, registered: a weight and a bias in each of five layers."""
    found = [tuple(value.shape) for value in network().remote.state()["parameters"].values()]
    found = [(120, 400) if shape == (120, 16, 5, 5) else shape for shape in found]
    expect.equal(sorted(found), sorted(SHAPES), "shapes of the parameters")


def test_one_row_of_logits_for_each_image(student, expect, draw):
    """A batch of N images gives (N, 10)."""
    model = student.LeNet.new()
    expect.tensor(model(draw.normal(3, 1, 28, 28)), (3, 10), "logits")
    expect.tensor(model(draw.normal(1, 1, 28, 28)), (1, 10), "logits")


def test_images_do_not_see_each_other(network, expect, draw):
    """An image gets the same logits alone, beside others, and a second time."""
    model = network()
    X = draw.normal(4, 1, 28, 28)
    X[3] = X[0]
    first = model(X)
    expect.near(first[3:], first[:1], 1e-4, "the same image twice in a batch")
    expect.near(model(X[:1]), first[:1], 1e-4, "an image alone")
    expect.near(model(X), first, 1e-4, "a second call")


def test_logits_and_not_probabilities(network, expect, draw):
    """With every other parameter at 0, the logits are the last layer's bias."""
    model = network()
    bias = 3 * draw.normal(10)
    bias[:2] = torch.tensor([2.5, -1.5])
    model.load({(4, "bias"): bias})
    expect.near(model(draw.normal(2, 1, 28, 28)), bias.expand(2, 10), 1e-5, "logits")


@pytest.mark.weight(2)
def test_receptive_field(network, expect):
    """A feature that the dense layers see depends on 16×16 pixels: 5×5, pool, 5×5, pool."""
    model = network()
    eyes = torch.zeros(120, 16, 5, 5)
    eyes[:, :, 2, 2] = 1 / 16
    model.load({(layer, "bias"): 0.1 for layer in range(4)} | {
        (0, "weight"): 1 / 25, (1, "weight"): 1 / 150, (2, "weight"): eyes,
        (3, "weight"): 1 / 120, (4, "weight"): 1.0})
    X = torch.zeros(57, 1, 28, 28)
    for line in range(28):  # one image for each row, one for each column, and a black one
        X[line, 0, line] = X[28 + line, 0, :, line] = 3
    logits = model(X)
    seen = ((logits - logits[56:]).abs().amax(1) > 1e-5)[:56].reshape(2, 28)
    for lines, what in zip(seen, ("rows", "columns"), strict=True):
        expect.equal(lines.nonzero().flatten(), torch.arange(6, 22),
                     f"{what} of the image that the middle feature depends on")


def bends(model, layer):
    """Whether an activation stands behind ``layer``: answers to three probes not on a line."""
    answers = []
    for probe in PROBES:
        values = {(i, "bias"): 0.5 for i in range(4)}
        values |= {(i, "weight"): 1 / fan for i, fan in enumerate(FAN_IN)}
        # This layer answers the probe, whatever it sees. Later ones see a small part of it, so
        # small that their own activations are straight there.
        values |= {(layer, "weight"): 0.0, (layer, "bias"): probe, (4, "weight"): 1.0}
        if layer < 3:
            values[layer + 1, "weight"] *= 1e-2
        model.load(values)
        answers.append(float(model(torch.ones(1, 1, 28, 28))[0, 0]))
    low, middle, high = answers
    share = (PROBES[1] - PROBES[0]) / (PROBES[2] - PROBES[0])
    reach = max(answers) - min(answers)
    return 0 < reach < float("inf") and abs(middle - low - share * (high - low)) > 0.05 * reach


LINEAR = sentence("Nothing bends behind it: linear after linear is linear.")


def test_convolutions_are_activated(network, expect):
    """A nonlinear activation follows each of the two convolutions."""
    model = network()
    expect.that(bends(model, 0) and bends(model, 1), LINEAR)


def test_dense_layers_are_activated(network, expect):
    """A nonlinear activation follows each dense layer but the last."""
    model = network()
    expect.that(bends(model, 2) and bends(model, 3), LINEAR)


def test_gradients_reach_every_parameter(network, expect, draw):
    """A backward pass gives every parameter of a new network a gradient."""
    remote = network().remote
    evidence = Evidence(function="LeNet")
    reply = remote.taking.ask(
        "gradients", evidence, target=remote.handle, arguments=[draw.normal(8, 1, 28, 28)],
        wanted=[], upstream=draw.normal(8, 10))
    if reply.raised is not None:
        raise raised_verdict(reply.raised, evidence)
    _, _, found = expect.sequence(reply.answer, 3, "gradients")
    gradients = list(found.values()) if isinstance(found, dict) else []
    arrived = [value for value in gradients if isinstance(value, torch.Tensor)
               and not value.is_meta and bool(value.any())]
    if not gradients or len(arrived) < len(gradients):
        raise Verdict(Status.FAILED, mismatch=Mismatch(kind=MismatchKind.GRADIENT),
                      evidence=evidence)


def test_state_dict(network, expect, draw):
    """What state_dict saves makes another LeNet answer alike."""
    first, second = network(), network()
    X = draw.normal(2, 1, 28, 28)
    before = first(X)
    state = {name: value.float() + 0.1 * draw.normal(*value.shape)
             for name, value in first.state["state"].items()}
    first.remote.state(load=state)
    second.remote.state(load=state)
    after = first(X)
    expect.near(second(X), after, 1e-4, "logits")
    expect.that(bool((after - before).abs().max() > 1e-3), sentence(
        "Loading other parameters changes nothing."))
