"""How far a floating-point answer may be from the exact one.

For a sum of products y = Σ xᵢwᵢ computed in any order, rounding moves the result by a small
multiple of eps·Σ|xᵢ||wᵢ| (Higham, Accuracy and Stability of Numerical Algorithms, §3.1); an FFT
mixes all elements, so that its error grows with eps·‖x‖₂‖w‖₂ instead. The bound allows both:

    |error| ≤ 8·eps·f(|x|, |w|) + 8·eps·‖x‖₂·‖w‖₂

Reduced-precision arithmetic (TF32, bfloat16) misses it by orders of magnitude.

Of other functions nothing is known but what they do. A right way to compute f(x) answers f(x') for
some x' that rounding has moved from x by a few eps (ibid., §1.5), and rounds on the way as the
reference does. Both show in how the reference's own answers scatter, in its own precision, when
the inputs are moved by a few units in the last place, as in stochastic arithmetic (Vignes, 1993):

    |error| ≤ 8·eps·|y| + 4·max |f(x + 4·eps·x) − f(x)|, each element for itself

The second term is large where an answer is what is left of larger numbers, or nothing at all (a
gradient that vanishes), and nowhere else: beside a large element a small one has to be right, too.
It is held below 1024·eps of the largest number in sight, for a step scatters by all its height.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias, TypeVar

import numpy as np
import torch

from autograder.protocol import ContainerKind, fold, leaves
from autograder.protocol.values import as_tensor, is_known_array, remade

F = TypeVar("F", bound=Callable[..., Any])

_FACTOR = 8.0
_MOVES, _MOVED = 4, 4.0  # how often, and by how many units in the last place
_SCATTER = 4.0
_MOST = 1024.0


@dataclass(frozen=True)
class Within:
    """The error that an author allows: |error| ≤ atol + rtol·|expected|."""

    rtol: float
    atol: float


Bound: TypeAlias = torch.Tensor | Within | Sequence[Any] | Mapping[Any, Any] | None
"""What ``compare`` allows, part by part: of a tensor an error for eps = 1, elementwise; None is
none. One ``Within`` is for every part."""


def sums_of_products(function: F) -> F:
    """Mark a reference function or module class whose answers are sums of products of its
    floating-point tensors, so that answers are compared within the first bound above."""
    function.sums_of_products = True  # type: ignore[attr-defined]
    return function


def within(*, rtol: float, atol: float) -> Callable[[F], F]:
    """Mark a reference function or module class: |error| ≤ ``atol`` + ``rtol``·|expected|, for
    every floating-point number of an answer and of its gradients."""

    def mark(function: F) -> F:
        function.within = Within(float(rtol), float(atol))  # type: ignore[attr-defined]
        return function

    return mark


def said_within(function: Callable[..., Any]) -> Within | None:
    """What ``within`` has marked a function with."""
    found = getattr(function, "within", None)
    return found if isinstance(found, Within) else None


def is_sum_of_products(function: Callable[..., Any]) -> bool:
    inner = function.func if isinstance(function, partial) else function
    return bool(getattr(inner, "sums_of_products", False))


def bound(
    function: Callable[..., Any], arguments: tuple[Any, ...],
    weights: tuple[torch.Tensor, ...] = (),
) -> Bound:
    """The first bound above for eps = 1, in float64, of the answer's shape, part by part; None of
    what is not marked. Of a plain number it is an error itself, at the precision of the coarsest
    argument.

    Args:
        function: it is called on absolute values.
        weights: tensors that ``function`` multiplies by besides its arguments (a module's).
    """
    if not is_sum_of_products(function):
        return None
    spread = function(*map(magnitude, arguments))
    product = _product((*arguments, *weights))
    coarsest = max(map(_eps, leaves(arguments)), default=0.0)

    def widened(leaf: Any) -> Any:
        size = floating(leaf)
        if size is None:
            return None
        error = _FACTOR * (size.abs() + product)
        return Within(0.0, float(error) * coarsest) if _is_plain(leaf) else error

    bounds: Bound = fold(spread, widened, _bounds)
    return bounds


def least(function: Callable[..., Any], arguments: tuple[Any, ...]) -> float:
    """What no number of the bound is below, known without calling ``function``; infinite where
    answers are not compared within one."""
    if not is_sum_of_products(function):
        return math.inf
    return _FACTOR * _product(arguments)


def _product(values: tuple[Any, ...]) -> float:
    norms = sorted((float(numbers.norm()) for numbers in map(_numbers, leaves(values))
                    if numbers is not None), reverse=True)
    return math.prod(norms[:2])


def _numbers(leaf: Any) -> torch.Tensor | None:
    """What a tensor or an array holds, in double precision; None of anything else."""
    if isinstance(leaf, np.ndarray | np.generic) and is_known_array(leaf):
        leaf = as_tensor(leaf)
    if not isinstance(leaf, torch.Tensor):
        return None
    return leaf.detach().to(torch.complex128 if leaf.is_complex() else torch.float64)


def usual(
    function: Callable[[Any], Any], answer: Any, given: Any, eps: float | None = None
) -> Bound:
    """The second bound above for eps = 1; nothing is allowed of what is no floating-point number.
    Of a plain number it is an error itself, at the precision of the coarsest input.

    Args:
        function: from ``given``, a value, to the answer.
        answer: what it answers.
        eps: of the precision that it is computed in, where that is not the answer's own.
    """
    precision = _eps if any(map(_eps, leaves(given))) else _eps_of_plain
    scatter = iter(_scatter(function, given, len(list(leaves(answer))), precision))
    coarsest = max(map(precision, leaves(given)), default=0.0)
    largest = max(map(_largest, leaves(given)), default=0.0)

    def allowed(leaf: Any) -> Any:
        spread, right = next(scatter), floating(leaf)
        if right is None:
            return None
        is_plain = _is_plain(leaf)
        unit = coarsest if is_plain else eps or _eps(leaf)
        error = _FACTOR * unit * right.abs().nan_to_num(0, 0, 0)
        if spread is not None and spread.shape == right.shape:
            most = _MOST * unit * max(largest, _largest(leaf))
            error = error + (_SCATTER * spread).clamp(max=most)
        return Within(0.0, float(error)) if is_plain else error / unit

    bounds: Bound = fold(answer, allowed, _bounds)
    return bounds


def _is_plain(leaf: Any) -> bool:
    """Whether it is a number of Python's with digits behind the point."""
    return isinstance(leaf, float | complex) and not isinstance(leaf, np.generic)


def _bounds(kind: ContainerKind, parts: list[Any]) -> Bound:
    match kind:
        case "list" | "tuple":
            return tuple(parts)
        case "dict":
            return dict(parts)
        case "frame" | "iterated":
            inside: Bound = parts[1]
            return inside
    return None


def _scatter(
    function: Callable[[Any], Any], given: Any, count: int, precision: Callable[[Any], float]
) -> list[torch.Tensor | None]:
    """How far each of the ``count`` leaves of an answer moves with inputs that move a little."""
    found: list[torch.Tensor | None] = [None] * count
    if not any(map(precision, leaves(given))):
        return found
    chance = torch.Generator().manual_seed(0)
    answers = []
    moved = partial(_moved, chance=chance, precision=precision)
    for move in range(1 + _MOVES):
        inputs = remade(moved, given) if move else given
        try:
            answers.append([floating(leaf) for leaf in leaves(function(inputs))])
        except Exception:  # what it refuses is nobody's answer
            continue
    still, *others = [each for each in answers if len(each) == count] or [[]]
    for other in others:
        for place, (one, two) in enumerate(zip(still, other, strict=True)):
            if one is not None and two is not None and one.shape == two.shape:
                spread, before = (two - one).abs().nan_to_num(0, 0, 0), found[place]
                found[place] = spread if before is None else torch.maximum(before, spread)
    return found


def _moved(leaf: Any, chance: torch.Generator, precision: Callable[[Any], float]) -> Any:
    """Every number of a tensor or an array, or a plain one, a little larger or smaller."""
    if not (eps := precision(leaf)):
        return leaf
    if type(leaf) is float:
        return leaf * (1 + _MOVED * eps * (2 * int(torch.randint(2, (), generator=chance)) - 1))
    tensor = leaf if isinstance(leaf, torch.Tensor) else as_tensor(leaf)
    signs = torch.randint(0, 2, tensor.shape, generator=chance) * 2 - 1
    moved = (tensor.detach() * (1 + _MOVED * eps * signs.double())).to(tensor.dtype)
    return moved if isinstance(leaf, torch.Tensor) else moved.numpy()[()]


def _largest(leaf: Any) -> float:
    numbers = floating(leaf)
    if numbers is None or not numbers.numel():
        return 0.0
    return float(numbers.abs().nan_to_num(0, 0, 0).max())


def floating(value: Any) -> torch.Tensor | None:
    """Floating-point or complex numbers in double precision; None of what is something else."""
    if isinstance(value, np.ndarray | np.generic) and is_known_array(value):
        value = as_tensor(value)
    elif isinstance(value, float | complex):
        value = torch.tensor(value, dtype=torch.complex128 if isinstance(value, complex)
                             else torch.float64)
    if not isinstance(value, torch.Tensor) or value.is_meta:
        return None
    if value.is_complex():
        return value.detach().to(torch.complex128)
    return value.detach().double() if value.is_floating_point() else None


def _eps(leaf: Any) -> float:
    if isinstance(leaf, np.ndarray | np.generic) and is_known_array(leaf):
        leaf = as_tensor(leaf)
    is_float = isinstance(leaf, torch.Tensor) and (leaf.is_floating_point() or leaf.is_complex())
    return float(torch.finfo(leaf.dtype).eps) if is_float else 0.0


def _eps_of_plain(leaf: Any) -> float:
    """For what is given no tensor and no array: only there Python's numbers are data, and elsewhere
    a size, an exponent or a rate, which many a function takes as it is or not at all."""
    return sys.float_info.epsilon if type(leaf) is float else 0.0


def magnitude(value: Any) -> Any:
    """``value`` with |x| in double precision for each floating-point tensor or array x in it, and
    for each factor."""
    return remade(_magnitude, value)


def _magnitude(leaf: Any) -> Any:
    if isinstance(leaf, torch.Tensor):
        return leaf.detach().double().abs() if leaf.is_floating_point() else leaf
    if isinstance(leaf, np.ndarray | np.generic) and leaf.dtype.kind == "f":
        return np.abs(leaf.astype(np.float64))
    return abs(leaf) if type(leaf) is float and math.isfinite(leaf) else leaf


def exact(value: Any) -> Any:
    """``value`` in double precision, so that a reference adds no error of its own worth counting.
    """
    return remade(_exact, value)


def _exact(value: Any) -> Any:
    if isinstance(value, torch.Tensor) and value.is_floating_point() and not value.is_meta:
        return value.detach().double()
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "fc":
        return value.astype(np.complex128 if value.dtype.kind == "c" else np.float64)
    return value
