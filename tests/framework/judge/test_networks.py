"""A student's network as the judge's own: it computes the same, and nothing said of it helps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from autograder.judge.check_run import Verdict
from autograder.judge.networks import Network, suite_runs_network
from autograder.judge.vocabulary import FREE, MADE, PRODUCTS, RANDOM, UNWRITTEN
from autograder.result import Status

X = torch.rand(4, 3, 12, 10, generator=torch.Generator().manual_seed(0))
OTHERS = torch.rand(4, 3, 12, 10, generator=torch.Generator().manual_seed(1))


def written(model: Callable[..., Any]) -> Any:
    """What a worker writes down of it; by the recorder itself, with no worker in between."""
    record: Any = suite_runs_network()
    return record(model, X.clone())


def here(function: Callable[..., Any], *arguments: Any) -> Any:
    """As ``StudentCode.apart`` does, and not apart."""
    try:
        return function(*arguments)
    except RuntimeError:
        raise Verdict(Status.CRASHED) from None


def judged(said: Any) -> Network:
    return Network(said, X.shape, here)


def network(model: Callable[..., Any]) -> Network:
    return judged(written(model))


class Branched(nn.Module):
    """Layers as modules and as functions, a sum in place, views, a branch of Python's."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm = nn.Conv2d(3, 6, 3, 2, 1), nn.BatchNorm2d(6)
        self.deep = nn.Conv2d(6, 6, 3, padding=1, groups=2)
        self.last = nn.Parameter(torch.randn(10, 6))
        self.drop = nn.Dropout(0.5)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        X = F.relu(self.norm(self.first((X - 0.5) / 0.2)), inplace=True)
        for _ in range(2):
            Y = F.gelu(self.deep(X))
            Y += X
            X = torch.cat([Y[:, ::2], Y[:, 1::2]], 1) if Y.shape[1] == 6 else Y
        X = F.max_pool2d(F.pad(X, (1, 1, 1, 1)), 2).flatten(2)
        return self.drop(X.amax(-1) + X.mean(-1)) @ self.last.T


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "a chain": lambda: nn.Sequential(
        nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(80, 10)),
    "branches and functions": Branched,
    "other activations": lambda: nn.Sequential(
        nn.ZeroPad2d(1), nn.Conv2d(3, 4, 3), nn.PReLU(4), nn.GroupNorm(2, 4), nn.SiLU(),
        nn.AdaptiveAvgPool2d((3, 2)), nn.Hardswish(), nn.Flatten(), nn.LayerNorm(24),
        nn.Linear(24, 10), nn.ELU()),
    "shuffled pixels": lambda: nn.Sequential(
        nn.PixelUnshuffle(2), nn.Conv2d(12, 8, 1), nn.PixelShuffle(2), nn.Softplus(),
        nn.ConvTranspose2d(2, 2, 2, 2), nn.Upsample(scale_factor=2), nn.LeakyReLU(),
        nn.AdaptiveMaxPool2d(2), nn.Flatten(), nn.LogSoftmax(1)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_it_computes_what_the_model_computes(name: str) -> None:
    torch.manual_seed(0)
    model = NETWORKS[name]()
    for parameter in model.parameters():
        parameter.data.add_(torch.rand_like(parameter))
    judges = network(model)
    with torch.no_grad():
        assert torch.allclose(judges(OTHERS), model.eval()(OTHERS), atol=1e-5)
        assert torch.allclose(judges(X), model(X), atol=1e-5), "as often as one likes"


def test_products_are_counted_for_one_image() -> None:
    model = nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1), nn.BatchNorm2d(6), nn.ReLU(), nn.Flatten(),
                          nn.Linear(180, 10))
    assert network(model).macs == 6 * 30 * 27 + 180 + 180 * 10
    assert network(lambda X: X + X).macs == network(lambda X: 2 * X).macs == 360
    assert network(lambda X: F.conv2d(X, torch.ones(3, 1, 3, 3), groups=3)).macs == 3 * 80 * 9


def by_scaled_copies(X: torch.Tensor) -> torch.Tensor:
    """A 1×1 convolution to 8 channels, of products with copies."""
    return (X[:, None] * torch.ones(8, 3, 1, 1)).sum(2)


def by_norms(X: torch.Tensor) -> torch.Tensor:
    """The same by normalisations, whose weights are the convolution's."""
    copies = X.repeat(1, 8, 1, 1)
    return F.batch_norm(copies, torch.zeros(24), torch.ones(24), torch.ones(24)) \
        .unflatten(1, (8, 3)).sum(2)


def by_sums(X: torch.Tensor) -> torch.Tensor:
    """The same by exponents: e to the power of x and a weight's logarithm."""
    return (X[:, None] + torch.ones(8, 3, 1, 1)).exp().sum(2)


def by_sums_of_stacks(X: torch.Tensor) -> torch.Tensor:
    """The same, and no sum joins two tensors: each is within one."""
    both = torch.stack([X[:, None].expand(-1, 8, -1, -1, -1),
                        torch.ones(8, 3, 1, 1).expand(4, -1, -1, 12, 10)])
    return both.sum(0).exp().sum(2)


def by_average_pooling(X: torch.Tensor) -> torch.Tensor:
    """The same, of places that are no places."""
    both = torch.stack([X[:, None].expand(-1, 8, -1, -1, -1),
                        torch.ones(8, 3, 1, 1).expand(4, -1, -1, 12, 10)], -1)
    sums = F.avg_pool2d(both.reshape(4, -1, 1, 2), (1, 2)).exp().reshape(4, 8, 3, 120)
    return F.adaptive_avg_pool2d(sums, (1, 120)).reshape(4, 8, 12, 10)


def by_softmax(X: torch.Tensor) -> torch.Tensor:
    """Nearly the same: logarithms of sums."""
    return F.log_softmax(X[:, None].expand(-1, 8, -1, -1, -1).reshape(4, 8, 3, 120), 2)


def by_transposing(X: torch.Tensor) -> torch.Tensor:
    """The same, by a transposed convolution with a group for each filter."""
    return F.conv_transpose2d(X.repeat(1, 8, 1, 1), torch.ones(24, 1, 1, 1), groups=8)


@pytest.mark.parametrize("way", [by_scaled_copies, by_norms, by_sums, by_sums_of_stacks,
                                 by_average_pooling, by_softmax, by_transposing])
def test_no_operator_with_weights_is_cheaper_than_a_convolution(
    way: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    convolution = network(lambda X: F.conv2d(X, torch.ones(8, 3, 1, 1))).macs
    assert network(way).macs >= convolution == 8 * 3 * 120


def test_a_program_that_is_not_the_model_is_judged_as_what_it_is() -> None:
    """A worker can write what it likes: it is what it writes that is counted and run."""
    large, small = nn.Conv2d(3, 64, 5), nn.Conv2d(3, 1, 1)
    assert judged(written(large) | {"macs": 3}).macs == 64 * 48 * 75
    assert judged(written(small)).macs == 3 * 120
    with torch.no_grad():
        assert torch.equal(judged(written(small))(OTHERS), small(OTHERS))


def refused(said: Any) -> str:
    with pytest.raises(Verdict) as found:
        judged(said)
    return str(found.value.message)


def test_chance_and_what_is_not_known_are_named() -> None:
    assert "draws random numbers in evaluation mode" in refused(written(lambda X: F.dropout(X)))
    assert "aten.index.Tensor" in refused(written(lambda X: X[torch.tensor([1, 0, 2, 3])]))
    assert "aten.argmax.default" in refused(written(lambda X: X.argmax(1)))
    assert "cannot follow" in refused(written(lambda X: [X]))


def test_two_numbers_in_one_are_counted_as_two() -> None:
    """A number of float64 has room for two of float32's, one behind the other."""
    half = network(lambda X: F.conv2d(X, torch.ones(8, 3, 1, 1))).macs
    wide = network(lambda X: F.conv2d(X.double(), torch.ones(8, 3, 1, 1, dtype=torch.float64)))
    assert wide.macs == 2 * half


FUNCTIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "own square in place": lambda X: (X + 0).pow_(2), "columns": lambda X: F.unfold(X, 3),
    "windows": lambda X: X.unfold(2, 3, 1), "logarithms": lambda X: (X + 1).log(),
    "a choice": lambda X: torch.where(X > 0.5, X, 0.0), "a ring": lambda X: F.pad(
        X, (1, 1, 1, 1), mode="circular"),
    "new zeros": lambda X: torch.cat([X, X.new_zeros(4, 1, 12, 10), torch.zeros_like(X)], 1),
    "whole parts": lambda X: torch.stack([part.amax(0) for part in X.unbind(1)], 1),
    "mean and variance": lambda X: torch.var_mean(X, 1)[0],
    "half as wide": lambda X: (X.half() + 1).float(),
    "wider": lambda X: F.interpolate(F.interpolate(X, scale_factor=1.5), size=(7, 9)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_one_may_write_it_computes(name: str) -> None:
    with torch.no_grad():
        assert torch.allclose(network(FUNCTIONS[name])(OTHERS), FUNCTIONS[name](OTHERS))


def test_all_that_is_known_is_there() -> None:
    for name in FREE | MADE | PRODUCTS.keys() | UNWRITTEN.keys() | RANDOM:
        _, operator, overload = name.split(".")
        assert getattr(getattr(torch.ops.aten, operator), overload)


CHAIN = ["aten.relu.default", [{"tensor": 0}], {}, [1]]


def program(*steps: Any, **changed: Any) -> dict[str, Any]:
    return {"steps": list(steps), "constants": [], "input": 0, "output": 1} | changed


def _convolution(zero: Sequence[bool] = (False, False, False)) -> dict[str, Any]:
    """By steps, dilations or groups of 0."""
    step, dilation, groups = (0 if each else 1 for each in zero)
    return program(["aten.convolution.default", [
        {"tensor": 0}, {"tensor": 9}, None, [step, step], [0, 0], [dilation, dilation], False,
        [0, 0], groups], {}, [1]], constants=[[9, torch.ones(1, 3, 2, 2)]])


def _normalisation(weights: int, means: int | None) -> dict[str, Any]:
    """With so many of each for three channels: torch would read, and write, beyond their ends."""
    mean = None if means is None else {"tensor": 8}
    return program(["aten.native_batch_norm.default", [
        {"tensor": 0}, {"tensor": 9}, None, mean, mean, False, 0.1, 1e-5], {}, [1]],
        constants=[[9, torch.ones(weights)], [8, torch.ones(means or 1)]])


def test_the_control_of_what_follows_is_let_in() -> None:
    for said in (program(CHAIN), _convolution(), _normalisation(3, 3)):
        judged(said)(X)


@pytest.mark.parametrize("said", [
    None, "text", [], {}, program(CHAIN, output=7), program(CHAIN, input="0"),
    program(["aten.relu.default", [{"tensor": 9}], {}, [1]]),
    program(["os.system", ["true"], {}, [1]]),
    program(["aten.relu.default.__class__", [{"tensor": 0}], {}, [1]]),
    program(["aten.from_file.default", ["/etc/passwd"], {}, [1]]),
    program(["aten.as_strided.default", [{"tensor": 0}, [9], [1], 1 << 40], {}, [1]]),
    program(["aten.zeros.default", [[60_000, 60_000]], {}, [1]]),
    program(["aten.repeat.default", [{"tensor": 0}, [4_000, 4_000, 1, 1]], {}, [1]]),
    program(["aten.constant_pad_nd.default", [{"tensor": 0}, [1 << 40, 0]], {}, [1]]),
    program(["aten.view.default", [{"tensor": 0}, [7, 7]], {}, [1]]),
    program(["aten.relu.default", [{"tensor": 0}], {"out": {"tensor": 0}}, [1]]),
    program(["aten.relu.default", [{"tensor": 0}], {}, ["1"]]),
    program(["aten.relu.default", [object()], {}, [1]]),
    program(*[CHAIN] * 2_001),
    program(*[["aten.repeat.default", [{"tensor": 0}, [100, 100, 1, 1]], {}, [1]]] * 80),
    program(CHAIN, constants=[[0, "no tensor"]]),
    program(CHAIN, constants=[[0, torch.ones(2, dtype=torch.complex64)]]),
    program(["aten._to_copy.default", [{"tensor": 0}], {"dtype": {"torch": "bool"}}, [1]]),
    program(["aten.slice.Tensor", [{"tensor": 0}, 0, 0, 1 << 200], {}, [1]]),
    program(["aten.pixel_unshuffle.default", [{"tensor": 0}, 0], {}, [1]]),
    # Every number of a small image in windows as large as it: a day of looking.
    program(["aten.upsample_nearest2d.default", [{"tensor": 0}, [1000, 1000]], {}, [2]],
            ["aten.max_pool2d_with_indices.default",
             [{"tensor": 2}, [999, 999], [1, 1], [499, 499]], {}, [1]]),
    program(["aten.upsample_nearest2d.default", [{"tensor": 0}, [60_000, 1]], {}, [2]],
            ["aten.adaptive_max_pool2d.default", [{"tensor": 2}, [1, 60_000]], {}, [1]]),
    # More tensors than a machine has room for, of few numbers or none.
    program(["aten.view.default", [{"tensor": 0}, [-1]], {}, [2]],
            ["aten.unbind.int", [{"tensor": 2}], {}, [1]]),
    program(["aten.zeros.default", [[60_000, 0]], {}, [2]],
            ["aten.repeat.default", [{"tensor": 2}, [60_000, 1]], {}, [1]]),
    # Products that would be counted by other tensors.
    program(["aten.view.default", [{"tensor": 0}, [12, 120]], {}, [2]],
            ["aten.t.default", [{"tensor": 2}], {}, [3]],
            ["aten.mm.default", [{"tensor": 2}], {"mat2": {"tensor": 3}}, [1]]),
    program(CHAIN, constants=[[0, torch.ones(2, device="meta")]]),
    *[_convolution([1 << at == change for change in (1, 2, 4)]) for at in range(3)],
    *[_normalisation(*sizes) for sizes in ((1, 3), (3, 1), (3, None))],
    program(["aten.upsample_nearest2d.default", [{"tensor": 0}, [24, 20], 1e-300, 1e-300], {},
             [1]]),
])
def test_what_is_no_program_within_bounds_is_refused(said: Any) -> None:
    with pytest.raises(Verdict):
        judged(said)(X)


def devices(run: Callable[[], object]) -> set[tuple[str, str]]:
    """Operators that were run, and on which device."""
    found: set[tuple[str, str]] = set()

    class Listener(TorchDispatchMode):
        def __torch_dispatch__(
            self, function: Any, types: Any, arguments: Any = (), keywords: Any = None
        ) -> Any:
            answer = function(*arguments, **(keywords or {}))
            first = answer[0] if isinstance(answer, tuple | list) else answer
            found.add((str(function), first.device.type))
            return answer

    with Listener():
        run()
    return found


def test_the_judge_runs_operators_on_shapes_alone() -> None:
    """One that reads or writes what is not its own does not do so in the judge's memory."""
    norm = "aten.native_batch_norm.default"
    said = program([norm, [{"tensor": 0}, {"tensor": 2}, None, {"tensor": 3}, {"tensor": 3}, False,
                           0.1, 1e-5], {}, [1]],
                   constants=[[2, torch.ones(3)], [3, torch.ones(3)]])
    asked: list[Any] = []

    def apart(function: Any, *arguments: Any) -> torch.Tensor:
        asked.append(partial(function, *arguments))
        return torch.zeros(X.shape)

    ran = devices(lambda: Network(said, X.shape, apart)(OTHERS))
    assert (norm, "meta") in ran and (norm, "cpu") not in ran
    assert (norm, "cpu") in devices(asked[0]), "the control: whoever runs it, runs it"


@pytest.mark.parametrize("answer", [
    None, "text", torch.zeros(3), torch.zeros(X.shape, dtype=torch.int64), torch.zeros(9, 3, 12, 10)
])
def test_answers_that_were_not_counted_are_no_answers(answer: object) -> None:
    with pytest.raises(Verdict):
        Network(program(CHAIN), X.shape, lambda *_: answer)(OTHERS)
