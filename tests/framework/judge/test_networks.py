"""A student's network as the judge's own: it computes the same, and nothing said of it helps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from autograder.judge.check_run import Verdict
from autograder.judge.networks import Network, suite_recorder

X = torch.rand(4, 3, 12, 10, generator=torch.Generator().manual_seed(0))
OTHERS = torch.rand(4, 3, 12, 10, generator=torch.Generator().manual_seed(1))


def written(model: Callable[..., Any]) -> Any:
    """What a worker writes down of it; by the recorder itself, with no worker in between."""
    record: Any = suite_recorder()
    return record(model, X)


def judged(said: Any) -> Network:
    """It, run here: what is in between when a worker runs it is not looked at."""
    return Network(said, X.shape, lambda function, *arguments: function(*arguments))


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


@pytest.mark.parametrize("way", [by_scaled_copies, by_norms, by_sums])
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


CHAIN = ["aten.relu.default", [{"tensor": 0}], {}, [1]]


def program(*steps: Any, **changed: Any) -> dict[str, Any]:
    return {"steps": list(steps), "constants": [], "input": 0, "output": 1} | changed


def test_the_control_of_what_follows_is_let_in() -> None:
    assert torch.equal(judged(program(CHAIN))(X), X)


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
    program(CHAIN, constants=[[0, torch.ones(2, device="meta")]]),
])
def test_what_is_no_program_within_bounds_is_refused(said: Any) -> None:
    refused(said)


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
    """Some read memory that is not theirs, where weights are too few: it is not the judge's."""
    norm = "aten.native_batch_norm.default"
    said = program([norm, [{"tensor": 0}, {"tensor": 2}, None, {"tensor": 3}, {"tensor": 3}, False,
                           0.1, 1e-5], {}, [1]],
                   constants=[[2, torch.ones(1)], [3, torch.ones(3)]])
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
