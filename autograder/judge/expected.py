"""What answers are held against. A check's inputs are the same for every implementation, and so is
what follows from them: it is computed for the first one, and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import torch

from autograder.judge import tolerance
from autograder.judge.compare import compare
from autograder.judge.given import CannotTravel
from autograder.judge.tolerance import Bound, Within
from autograder.protocol import alike, leaves, map_leaves
from autograder.protocol.coding import is_leaf, type_name
from autograder.protocol.values import fold, is_known_array
from autograder.worker import effects
from autograder.worker.handlers import drained

T = TypeVar("T")

_DRAWN = Within(1e-6, 1e-9)  # of figures, which nobody reads more closely
BOUND = "bound"
"""What is computed of a reference besides its answers and its effects."""

_OF_A_NUMBER, _OF_A_CONTAINER, _OF_A_TENSOR = 32, 256, 1024  # bytes of the object itself

_LARGEST_KEPT = 1 << 18  # bytes of inputs: what follows from larger ones is computed every time


@dataclass(frozen=True)
class Expected:
    """A right answer, and how far from it an answer may be (see ``compare``)."""

    value: Any
    precise: Any
    bound: Bound

    @classmethod
    def of(
        cls, reference: Callable[..., Any], given: Sequence[Any],
        keywords: Mapping[str, Any] | None = None,
    ) -> Expected:
        """What ``reference`` answers, and how closely it has to be met.

        Raises:
            ChangesArguments: what was answered to one that works in place could not be judged.
        """
        named = dict(keywords or {})
        before = map_leaves(_copied, [list(given), named])
        value = comparable(drained(reference(*given, **named)), reference)
        if not alike(before, [list(given), named], _as_it_was):
            raise ChangesArguments(
                f"the reference of {_name(reference)} changes its arguments, which a check holds "
                "to be as they were; have it work on copies, or call the student's in an object "
                "that student.define makes, which answers the arguments, too")
        if (said := tolerance.said_within(reference)) is not None:
            return cls(value, None, said)
        if tolerance.is_sum_of_products(reference):
            call = tolerance.sums_of_products(lambda *inputs: drained(reference(*inputs, **named)))
            return cls(value, call(*map(tolerance.exact, given)),
                       tolerance.bound(call, tuple(given)))
        return cls._usual(reference, value, given, named)

    @classmethod
    def of_module(
        cls, module: torch.nn.Module, given: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Expected:
        """The same of a module whose answers are no sums of products."""
        value = comparable(module(*given, **keywords), module)
        if (said := tolerance.said_within(module)) is not None:
            return cls(value, None, said)
        return cls._usual(module, value, given, keywords)

    @classmethod
    def _usual(
        cls, reference: Callable[..., Any], value: Any, given: Sequence[Any],
        keywords: Mapping[str, Any],
    ) -> Expected:
        """With the bound for functions of which nothing else is known."""
        bound = asided(reference, BOUND, given, keywords, lambda: tolerance.usual(
            lambda inputs: drained(reference(*inputs[0], **inputs[1])), value,
            [list(given), dict(keywords)]))
        return cls(value, None, bound)

    @classmethod
    def effect(
        cls, effect: str, reference: Callable[..., Any], given: Sequence[Any],
        keywords: Mapping[str, Any],
    ) -> Expected:
        """What a call of ``reference`` leaves behind: see ``autograder.worker.effects``."""
        value = asided(reference, effect, given, keywords, lambda: effects.of(
            effect, partial(reference, *given, **keywords)))
        return cls(value, None, tolerance.said_within(reference) or _DRAWN)


class ChangesArguments(TypeError):
    """A reference changes what it is given."""


def comparable(value: Any, reference: Callable[..., Any]) -> Any:
    """A reference's answer. CannotTravel where none of a student's could be held against it."""
    for leaf in leaves(value):
        if not is_leaf(leaf):
            name = _name(reference)
            raise CannotTravel(
                f"the reference of {name} answers a value of type {type_name(leaf)}, which does "
                f"not travel, so that no answer can be compared with it; keep the student's by "
                f"student.{name}.new(…), and compare what it does")
    return value


def _name(reference: Callable[..., Any]) -> str:
    return str(getattr(reference, "__name__", type(reference).__name__))


def _copied(leaf: Any) -> Any:
    if isinstance(leaf, torch.Tensor):
        return leaf.detach().clone()
    return leaf.copy() if isinstance(leaf, np.ndarray) else leaf


def _as_it_was(before: Any, now: Any) -> bool:
    if isinstance(before, torch.Tensor) or is_known_array(before):
        return compare(before, now) is None
    return before is now or isinstance(before, np.ndarray) or bool(before == now)


def asided(
    reference: Callable[..., Any], what: str, given: Sequence[Any], keywords: Mapping[str, Any],
    compute: Callable[[], T],
) -> T:
    """``compute()``; where the reference is a recording, what was computed when it was made."""
    aside = getattr(reference, "aside", None)
    return compute() if aside is None else aside(what, given, keywords, compute)


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
    """Memory of a value, about: of the numbers in its tensors and arrays, of its texts, and of each
    of its parts as an object, which is most where these are many and empty."""
    size: int = fold(value, _bytes, _together)
    return size


def _together(kind: str, parts: list[Any]) -> int:
    sizes: list[int] = parts if kind != "dict" else [
        total_bytes(key) + size for key, size in parts]
    return _OF_A_CONTAINER + sum(sizes)


def _bytes(leaf: Any) -> int:
    if isinstance(leaf, torch.Tensor):
        return _OF_A_TENSOR + leaf.numel() * leaf.itemsize
    if isinstance(leaf, np.ndarray):
        return _OF_A_TENSOR + leaf.nbytes
    if isinstance(leaf, int):
        return _OF_A_NUMBER + leaf.bit_length() // 8
    return _OF_A_NUMBER + (len(leaf) if isinstance(leaf, str | bytes) else 0)


def _equal(one: Any, other: Any) -> bool:
    """The same to a reference: type, and of tensors dtype, device, shape, strides, every number."""
    if type(one) is not type(other):
        return False
    if isinstance(one, torch.Tensor):
        return bool(
            one.dtype == other.dtype and one.device == other.device and one.shape == other.shape
            and one.stride() == other.stride() and (one.is_meta or torch.equal(one, other)))
    if isinstance(one, np.ndarray):
        return bool(one.dtype == other.dtype and one.shape == other.shape
                    and one.strides == other.strides and one.tobytes() == other.tobytes())
    return bool(one == other) or (one != one and other != other)
