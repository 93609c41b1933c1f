"""What functions take and answer, and the one walk over it.

A value is None, a boolean, a number, a text, a tensor, a ``Handle`` or an ``Opaque``: a leaf. Or it
is a list, a tuple or a dict of values. A new leaf is a new case where leaves are written (the
encoder, a recording) and read again; a new container is one here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch

DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float16, torch.bfloat16, torch.float32, torch.float64,
        torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8, torch.bool,
        torch.complex64, torch.complex128,
    )
}

Kind = Literal["list", "tuple", "dict"]
_LEAVES = frozenset({type(None), bool, int, float, str, torch.Tensor})  # most of what there is


class ProtocolError(Exception):
    """The other side did not send what the protocol allows."""


class Unlike(Exception):
    """One value has parts where the other has none, or others."""


@dataclass(frozen=True)
class Handle:
    """An object that stays in the worker; ``type`` is the name of its class there."""

    number: int
    type: str = "object"


@dataclass(frozen=True)
class Opaque:
    """An answer that cannot travel; only the name of its type is known."""

    type: str


def kind_of(value: Any) -> Kind | None:
    """What kind of container a value is; None of a leaf."""
    if type(value) in _LEAVES or isinstance(value, torch.Tensor | str):
        return None
    if isinstance(value, list):
        return "list"
    if isinstance(value, tuple):
        return "tuple"
    return "dict" if isinstance(value, Mapping) else None


def fold(
    value: Any, leaf: Callable[[Any], Any], node: Callable[[Kind, list[Any]], Any],
    enter: Callable[[int], None] | None = None, depth: int = 0,
) -> Any:
    """Make something of a value, from the leaves up.

    Args:
        leaf: what is made of a leaf.
        node: what is made of a container, given its kind and what was made of its parts. Those of
            a dict are (key, what was made of the item).
        enter: is told the depth of every part before it is looked at, and may raise.
    """
    if enter is not None:
        enter(depth)
    kind = kind_of(value)
    if kind is None:
        return leaf(value)
    if kind == "dict":
        return node(kind, [(key, fold(item, leaf, node, enter, depth + 1))
                           for key, item in value.items()])
    return node(kind, [fold(item, leaf, node, enter, depth + 1) for item in value])


_MAKE: dict[Kind, Callable[[list[Any]], Any]] = {"list": list, "tuple": tuple, "dict": dict}


def made(kind: Kind, parts: list[Any]) -> Any:
    """The container of these parts; of a dict they are (key, item)."""
    return _MAKE[kind](parts)


def map_leaves(function: Callable[[Any], Any], value: Any) -> Any:
    """The same value with ``function(leaf)`` in the place of every leaf."""
    return fold(value, function, made)


def leaves(value: Any) -> Iterator[Any]:
    """Every leaf of a value, in order."""
    kind = kind_of(value)
    if kind is None:
        yield value
        return
    for part in value.values() if kind == "dict" else value:
        yield from leaves(part)


def pairs(one: Any, other: Any, *, exact: bool = False) -> Iterator[tuple[Any, Any]]:
    """The leaves of two values, side by side.

    Args:
        exact: a tuple is no list. Otherwise it is as good as one.

    Raises:
        Unlike: where it comes to parts that only one of them has.
    """
    kind, its = kind_of(one), kind_of(other)
    if kind is None and its is None:
        yield one, other
        return
    if kind is None or its is None or (type(one) is not type(other) if exact
                                       else (kind == "dict") is not (its == "dict")):
        raise Unlike
    if kind == "dict":
        if one.keys() != other.keys():
            raise Unlike
        parts = [(item, other[key]) for key, item in one.items()]
    else:
        if len(one) != len(other):
            raise Unlike
        parts = list(zip(one, other, strict=True))
    for first, second in parts:
        yield from pairs(first, second, exact=exact)


def alike(
    one: Any, other: Any, leaf: Callable[[Any, Any], bool], *, exact: bool = False
) -> bool:
    """Whether two values have the same parts, and ``leaf`` says so of each two leaves."""
    try:
        return all(leaf(first, second) for first, second in pairs(one, other, exact=exact))
    except Unlike:
        return False


def plain(tensor: torch.Tensor) -> torch.Tensor:
    """A contiguous copy of ``tensor``: what an answer is judged by."""
    with torch._C.DisableTorchFunctionSubclass():
        return torch.Tensor.detach(tensor).clone(memory_format=torch.contiguous_format)
