"""How near an answer has to be of which nothing is known but what its function does: every right
way to compute it passes, and nothing that is wrong beside rounding."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from autograder.judge.compare import compare
from autograder.judge.expected import ChangesArguments, Expected
from autograder.judge.tolerance import Within, sums_of_products, within
from autograder.protocol import Iterated
from autograder.result import MismatchKind

Function = Callable[..., Any]


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def fault(reference: Function, actual: Any, *given: Any) -> MismatchKind | None:
    right = Expected.of(reference, given)
    mismatch = compare(right.value, actual, precise=right.precise, bound=right.bound)
    return None if mismatch is None else mismatch.kind


def softmax(X: torch.Tensor) -> torch.Tensor:
    return torch.softmax(X, -1)


def softmax_by_hand(X: torch.Tensor) -> torch.Tensor:
    weights = X.exp()
    return weights / weights.sum(-1, keepdim=True)


def normalized(X: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.layer_norm(X, X.shape[-1:])


def normalized_by_hand(X: torch.Tensor) -> torch.Tensor:
    deviation = X - X.sum(-1, keepdim=True) / X.shape[-1]
    return deviation * (deviation.square().mean(-1, keepdim=True) + 1e-5).rsqrt()


def attention(Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.scaled_dot_product_attention(Q, K, V)


def attention_by_hand(Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor) -> torch.Tensor:
    scores = torch.einsum("qd,kd->qk", Q, K) / Q.shape[-1] ** 0.5
    return torch.einsum("qk,kd->qd", softmax_by_hand(scores), V)


def sequential_mean(X: torch.Tensor) -> torch.Tensor:
    total = torch.zeros((), dtype=X.dtype)
    for number in X:
        total = total + number
    return total / len(X)


WAYS: list[tuple[Function, Function, list[tuple[int, ...]]]] = [
    (softmax, softmax_by_hand, [(5, 9)]),
    (normalized, normalized_by_hand, [(5, 33)]),
    (attention, attention_by_hand, [(4, 8), (6, 8), (6, 3)]),
    (torch.mean, sequential_mean, [(300,)]),
    (lambda X: torch.logsumexp(X, 0), lambda X: X.exp().sum(0).log(), [(7, 2)]),
    (lambda X: X.var(0), lambda X: (X.square().mean(0) - X.mean(0).square()) * 20 / 19, [(20, 3)]),
    (lambda X: {"norm": [X.norm().item()]}, lambda X: {"norm": [float((X * X).sum().sqrt())]},
     [(40,)]),
]


@pytest.mark.parametrize(("reference", "other", "shapes"), WAYS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_every_right_way_to_compute_it_passes(
    reference: Function, other: Function, shapes: list[tuple[int, ...]], dtype: torch.dtype
) -> None:
    for seed in range(12):
        given = [normal(*shape, seed=seed + 100 * place, dtype=dtype)
                 for place, shape in enumerate(shapes)]
        assert fault(reference, other(*given), *given) is None, seed


def test_arrays_of_numpys_too() -> None:
    for seed in range(12):
        X = normal(6, 7, seed=seed).numpy()
        assert fault(lambda X: np.std(X, axis=0),
                     np.sqrt(((X - X.mean(0)) ** 2).sum(0) / len(X)), X) is None
        assert fault(np.mean, X.astype("float64").mean().astype("float32"), X) is None


@pytest.mark.parametrize(("reference", "wrong", "given"), [
    (softmax, lambda X: softmax(X) + 1e-5, normal(4, 5)),
    (softmax, lambda X: softmax(X.bfloat16()).float(), normal(4, 5)),
    (torch.exp, lambda X: torch.where(X > 0, X.exp(), 0), torch.linspace(-20, 20, 9)),
    (torch.floor, lambda X: X.floor() + (X == 3), torch.arange(6.0)),
    (torch.sign, torch.zeros_like, normal(5)),
    (lambda X: X.masked_fill(X > 0, -torch.inf), torch.clone, normal(9)),
    (lambda X: (X > 0).sum(), lambda X: (X > 0).sum() + 1, normal(9)),
    (lambda X: X.int(), lambda X: X.int() + 1, torch.arange(4.0)),
    (lambda X: X.mean().item(), lambda X: X.mean().item() + 1e-5, normal(50)),
    (lambda X: X * 1e-6, lambda X: X * 1e-6 + 1e-11, normal(5)),
    (lambda X: X.round(), lambda X: X.round() + 1, torch.arange(5) / 2),
], ids=range(11))
def test_what_is_wrong_is_wrong_by_more(
    reference: Function, wrong: Function, given: torch.Tensor
) -> None:
    assert fault(reference, reference(given), given) is None
    assert fault(reference, wrong(given), given) in (MismatchKind.VALUES, MismatchKind.NAN)


def test_single_precision_is_not_enough_for_double() -> None:
    X = normal(4, 5, dtype=torch.float64)
    assert fault(softmax, softmax(X.float()).double(), X) is MismatchKind.VALUES


def test_an_author_says_another_tolerance() -> None:
    @within(rtol=1e-2, atol=1e-3)
    def root(X: torch.Tensor) -> dict[str, Any]:
        return {"root": X.abs().sqrt(), "n": len(X)}

    X = torch.tensor([4.0, 0.0])
    assert Expected.of(root, [X]).bound == Within(1e-2, 1e-3)
    assert fault(root, {"root": torch.tensor([2.02, 5e-4]), "n": 2}, X) is None
    assert fault(root, {"root": torch.tensor([2.03, 0.0]), "n": 2}, X) is MismatchKind.VALUES
    assert fault(root, {"root": torch.tensor([2.0, 2e-3]), "n": 2}, X) is MismatchKind.VALUES
    assert fault(root, {"root": torch.tensor([2.0, 0.0]), "n": 3}, X) is MismatchKind.VALUES


def test_a_reference_that_does_not_go_with_double_precision_has_the_answers_own() -> None:
    def half(X: torch.Tensor) -> torch.Tensor:
        if X.dtype is not torch.float32:
            raise TypeError("float32 only")
        return X / 2

    assert fault(half, normal(3) * 0.5, normal(3)) is None
    assert fault(half, normal(3) * 0.5 + 1e-5, normal(3)) is MismatchKind.VALUES


def product(X: Any, W: Any, factor: float = 1.0) -> Any:
    return factor * (X @ W)


def summed(X: Any, W: Any, factor: float = 1.0) -> Any:
    """The same in another order."""
    return sum(factor * X[:, place, None] * W[place] for place in reversed(range(len(W))))


SUMS: dict[str, tuple[Function, Function]] = {
    "tensors": (product, summed),
    "a negative factor": (lambda X, W: product(X, W, -30.0), lambda X, W: summed(X, W, -30.0)),
    "arrays": (lambda X, W: product(X.numpy(), W.numpy()),
               lambda X, W: summed(X.numpy(), W.numpy())),
    "a list": (lambda X, W: [product(X, W)], lambda X, W: [summed(X, W)]),
    "a dict": (lambda X, W: {"a": product(X, W)}, lambda X, W: {"a": summed(X, W)}),
    "a generator": (lambda X, W: iter([product(X, W)]), lambda X, W: Iterated(
        "generator", [summed(X, W)], True)),
    "a number": (lambda X, W: product(X, W).sum().item(), lambda X, W: summed(X, W).sum().item()),
}


@pytest.mark.parametrize("kind", SUMS)
def test_sums_of_products_of_any_kind_may_be_added_in_any_order(kind: str) -> None:
    right, other = SUMS[kind]
    X, W = normal(40, 30), normal(30, 20, seed=1)
    marked = sums_of_products(lambda X, W: right(X, W))
    assert fault(marked, other(X, W), X, W) is None
    assert fault(marked, other(X, W * (1 + 1e-2)), X, W) is MismatchKind.VALUES
    assert fault(marked, other(X.bfloat16().float(), W), X, W) is MismatchKind.VALUES


def test_arguments_of_sums_of_products_are_sizes_whatever_holds_them() -> None:
    """Control: of the factor itself, and not of its size, the bound is below nothing."""
    X, W = normal(40, 30), normal(30, 20, seed=1)
    marked = sums_of_products(lambda Xs, factor: product(*Xs, factor))
    assert fault(marked, summed(X, W, -30.0), [X, W], -30.0) is None
    assert fault(marked, summed(X.numpy(), W.numpy(), -30.0), [X.numpy(), W.numpy()], -30.0) is None
    assert (product(X, W, -30.0) - summed(X, W, -30.0)).abs().max() > 0


def centred(numbers: list[float]) -> list[float]:
    middle = sum(numbers) / len(numbers)
    return [number - middle for number in numbers]


def test_what_nearly_cancels_of_plain_numbers_may_be_off_by_what_is_left_of_it() -> None:
    numbers = [0.1, 0.2, 0.3]
    exactly = [number - math.fsum(numbers) / 3 for number in numbers]
    assert exactly != centred(numbers)
    assert fault(centred, exactly, numbers) is None
    assert fault(centred, [number + 1e-9 for number in exactly], numbers) is MismatchKind.VALUES


def test_a_plain_number_beside_a_tensor_stays_what_it_is() -> None:
    """As an exponent, moved a little, it would have no answer for half of the numbers."""
    X = normal(30)
    assert fault(lambda X, p: X ** p - X.mean(), X * X - X.sum() / 30, X, 2.0) is None


def test_a_complex_number_will_do_for_a_scalar() -> None:
    X = torch.complex(normal(9), normal(9, seed=1)).numpy()
    assert fault(np.mean, complex(sum(X.tolist()) / 9), X) is None
    assert fault(np.mean, complex(sum(X.tolist()) / 9) + 1e-5j, X) is MismatchKind.VALUES


@pytest.mark.parametrize("given", [
    [torch.ones(3)], [np.ones(3)], [[1.0, 2.0]], [{0: 1.0}], [torch.full((3,), torch.nan)]])
def test_a_reference_that_works_in_place_is_staffs_mistake(given: list[Any]) -> None:
    """Else a student who changes nothing would be as right as one who does. What a check asks of
    a function whose arguments stay as they are, NaN among them, is no mistake."""

    def in_place(X: Any) -> Any:
        X[0] = 7.0
        return None

    assert Expected.of(len, given).value == len(given[0])
    with pytest.raises(ChangesArguments, match="in_place changes its arguments"):
        Expected.of(in_place, given)
