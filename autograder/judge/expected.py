"""What answers are held against. A check's inputs are the same for every implementation, and so is
what follows from them: it is computed for the first one, and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import torch

from autograder.judge import tolerance
from autograder.judge.tolerance import Bound
from autograder.protocol import alike, leaves

T = TypeVar("T")

_LARGEST_KEPT = 1 << 18  # bytes of inputs: what follows from larger ones is computed every time


@dataclass(frozen=True)
class Expected:
    """A right answer, and how far from it an answer may be (see ``compare``)."""

    value: Any
    precise: Any
    bound: Bound

    @classmethod
    def of(cls, reference: Callable[..., Any], given: Sequence[Any]) -> Expected:
        return cls(reference(*given), reference(*map(tolerance.exact, given)),
                   tolerance.bound(reference, tuple(given)))


class ExpectedValues:
    """What has been computed, by place: a question, a check, and how many came before in it."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, int], tuple[Sequence[Any], Any]] = {}

    def at(
        self, place: tuple[str, str, int], inputs: Sequence[Any], compute: Callable[[], T]
    ) -> T:
        """``compute()``, or what it gave at this place for equal ``inputs``, on which alone it
        may depend."""
        if place in self._kept:
            before, value = self._kept[place]
            if alike(before, inputs, _equal, exact=True):
                return value  # type: ignore[no-any-return]  # of this place: a T
        value = compute()
        if total_bytes(inputs) <= _LARGEST_KEPT:
            self._kept[place] = inputs, value
        return value


def total_bytes(value: Any) -> int:
    """Memory of the tensors in a value."""
    return sum(leaf.numel() * leaf.itemsize for leaf in leaves(value)
               if isinstance(leaf, torch.Tensor))


def _equal(one: Any, other: Any) -> bool:
    """The same to a reference: type, and of tensors dtype, device, shape, strides, every number."""
    if type(one) is not type(other):
        return False
    if isinstance(one, torch.Tensor):
        return bool(
            one.dtype == other.dtype and one.device == other.device and one.shape == other.shape
            and one.stride() == other.stride() and (one.is_meta or torch.equal(one, other)))
    return bool(one == other)
