"""How far a floating-point answer may be from the exact one, derived from the size of its inputs.

For a sum of products y = Σ xᵢwᵢ computed in any order, rounding moves the result by a small
multiple of eps·Σ|xᵢ||wᵢ| (Higham, Accuracy and Stability of Numerical Algorithms, §3.1); an FFT
mixes all elements, so that its error grows with eps·‖x‖₂‖w‖₂ instead. The bound allows both:

    |error| ≤ 8·eps·f(|x|, |w|) + 8·eps·‖x‖₂·‖w‖₂

Reduced-precision arithmetic (TF32, bfloat16) misses it by orders of magnitude.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import torch

F = TypeVar("F", bound=Callable[..., Any])
Bound: TypeAlias = torch.Tensor | tuple[torch.Tensor | None, ...] | None

_FACTOR = 8.0


def sums_of_products(function: F) -> F:
    """Mark a reference function or module class whose answers are sums of products of its
    floating-point tensors, so that answers are compared within the bound above. What is not
    marked is compared exactly."""
    function.sums_of_products = True  # type: ignore[attr-defined]
    return function


def bound(
    function: Callable[..., Any], arguments: tuple[Any, ...],
    weights: tuple[torch.Tensor, ...] = (),
) -> Bound:
    """The bound above for eps = 1, in float64, of the answer's shape; None: compare exactly.
    For a function that answers a tuple of tensors, a tuple of bounds.

    Args:
        function: a function marked ``sums_of_products``; it is called on absolute values.
        weights: tensors that ``function`` multiplies by besides its arguments (a module's).
    """
    if not getattr(function, "sums_of_products", False):
        return None
    spread = function(*map(magnitude, arguments))
    product = _product((*arguments, *weights))
    if isinstance(spread, tuple):
        return tuple(_widened(part, product) for part in spread)
    return _widened(spread, product)


def least(function: Callable[..., Any], arguments: tuple[Any, ...]) -> float:
    """What no number of the bound is below, known without calling ``function``; infinite where
    answers are not compared within one."""
    if not getattr(function, "sums_of_products", False):
        return math.inf
    return _FACTOR * _product(arguments)


def _product(tensors: tuple[Any, ...]) -> float:
    norms = sorted((float(tensor.detach().double().norm()) for tensor in tensors
                    if isinstance(tensor, torch.Tensor)), reverse=True)
    return math.prod(norms[:2])


def _widened(spread: Any, product: float) -> torch.Tensor | None:
    if not isinstance(spread, torch.Tensor):
        return None
    return _FACTOR * (spread.detach().double() + product)


def magnitude(value: Any) -> Any:
    """|value| in float64 for a floating-point tensor; anything else as it is."""
    if isinstance(value, torch.Tensor) and value.is_floating_point():
        return value.detach().double().abs()
    return value


def exact(value: Any) -> Any:
    """``value`` in float64, so that a reference adds no error of its own worth counting."""
    if isinstance(value, torch.Tensor) and value.is_floating_point() and not value.is_meta:
        return value.detach().double()
    return value
