"""What functions take and answer, and the one walk over it.

A value is None, a boolean, a number, a text, bytes, a tensor, an array of NumPy's or a scalar of
its, a ``Handle`` or an ``Opaque``: a leaf. Or it is a list, a tuple, a dict, a set, a frozenset, a
slice, a ``Frame`` or what was ``Iterated``: a container of values. A new leaf is a new case where
leaves are written (the encoder, a recording) and read again; a new container is one here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch

from autograder.protocol.numbers import np
from autograder.protocol.tables import is_table, parts_of_table, table_of

DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float16, torch.bfloat16, torch.float32, torch.float64,
        torch.int8, torch.int16, torch.int32, torch.int64,
        torch.uint8, torch.uint16, torch.uint32, torch.uint64, torch.bool,
        torch.complex64, torch.complex128,
    )
}
ARRAY_DTYPES = frozenset(DTYPES) - {"bfloat16"}
"""Those that NumPy has as well."""

ContainerKind = Literal["list", "tuple", "dict", "set", "frozenset", "slice", "frame", "iterated"]
_LEAVES = frozenset({type(None), bool, int, float, str, torch.Tensor})  # most of what there is
_OTHER_LEAVES = (torch.Tensor, np.ndarray, np.generic, str)


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


@dataclass(frozen=True)
class Frame:
    """A DataFrame or a Series of pandas', which becomes this on its way to the judge: its columns
    by name, and the labels of its rows. A Series is one column, whose name may be None."""

    type: str
    columns: Mapping[Any, Any]
    index: list[Any]


@dataclass(frozen=True)
class Iterated:
    """What a generator or another iterator gave, from its beginning. ``type`` is the name of its
    class; it may have more to give where it has not ``ended``."""

    type: str
    items: list[Any]
    ended: bool


_CONTAINERS: dict[type[Any], ContainerKind] = {
    list: "list", tuple: "tuple", dict: "dict", set: "set", frozenset: "frozenset",
    slice: "slice", Frame: "frame", Iterated: "iterated",
}


def kind_of(value: Any) -> ContainerKind | None:
    """What kind of container a value is; None of a leaf."""
    kind = type(value)
    if kind in _LEAVES:
        return None
    if kind in _CONTAINERS:
        return _CONTAINERS[kind]
    if isinstance(value, _OTHER_LEAVES):
        return None
    for base in (list, tuple, set, frozenset):
        if isinstance(value, base):
            return _CONTAINERS[base]
    if isinstance(value, Mapping):
        return "dict"
    return "frame" if is_table(value) else None


def parts_of(kind: ContainerKind, value: Any) -> list[Any]:
    """The parts of a container that is no dict, in an order that is the same for equal ones."""
    match kind:
        case "set" | "frozenset":
            return sorted(value, key=_order)
        case "slice":
            return [value.start, value.stop, value.step]
        case "frame" if not isinstance(value, Frame):
            return parts_of_table(value)
        case "frame":
            return [value.type, value.columns, value.index]
        case "iterated":
            return [value.type, value.items, value.ended]
    return list(value)


def _order(member: Any) -> tuple[str, str]:
    """Of a set's members, which need not have one: numbers by their size, and before texts."""
    if type(member) is int:
        return "", f"{member < 0:d}{len(str(member)):06d}{member}"
    return type(member).__name__, repr(member)


def fold(
    value: Any, leaf: Callable[[Any], Any], node: Callable[[ContainerKind, list[Any]], Any],
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
    if type(value) in _LEAVES or (kind := kind_of(value)) is None:
        return leaf(value)
    if kind == "dict":
        return node(kind, [(key, fold(item, leaf, node, enter, depth + 1))
                           for key, item in value.items()])
    parts = value if kind in ("list", "tuple") else parts_of(kind, value)
    return node(kind, [fold(item, leaf, node, enter, depth + 1) for item in parts])


_MAKE: dict[ContainerKind, Callable[[list[Any]], Any]] = {
    "list": list, "tuple": tuple, "dict": dict, "set": set, "frozenset": frozenset,
    "slice": lambda parts: slice(*parts), "frame": lambda parts: Frame(*parts),
    "iterated": lambda parts: Iterated(*parts),
}


def made(kind: ContainerKind, parts: list[Any]) -> Any:
    """The container of these parts; of a dict they are (key, item)."""
    return _MAKE[kind](parts)


def map_leaves(function: Callable[[Any], Any], value: Any) -> Any:
    """The same value with ``function(leaf)`` in the place of every leaf."""
    return fold(value, function, made)


def remade(function: Callable[[Any], Any], value: Any) -> Any:
    """As ``map_leaves``, for what a function is to take: of a DataFrame a DataFrame again."""
    return fold(value, function, lambda kind, parts: table_of(*parts) if kind == "frame"
                else made(kind, parts))


def leaves(value: Any) -> Iterator[Any]:
    """Every leaf of a value, in order."""
    if type(value) in _LEAVES or (kind := kind_of(value)) is None:
        yield value
        return
    for part in value.values() if kind == "dict" else parts_of(kind, value):
        yield from leaves(part)


def pairs(one: Any, other: Any, *, exact: bool = False) -> Iterator[tuple[Any, Any]]:
    """The leaves of two values, side by side. Of sets they are none: their members are the same.

    Args:
        exact: a tuple is no list. Otherwise it is as good as one, and a frozenset as a set.

    Raises:
        Unlike: where it comes to parts that only one of them has.
    """
    kind, its = kind_of(one), kind_of(other)
    if kind is None and its is None:
        yield one, other
        return
    if kind is None or its is None or (type(one) is not type(other) if exact
                                       else _FAMILY.get(kind, kind) != _FAMILY.get(its, its)):
        raise Unlike
    if kind == "dict":
        if one.keys() != other.keys():
            raise Unlike
        parts = [(item, other[key]) for key, item in one.items()]
    elif kind in ("set", "frozenset"):
        if one != other:
            raise Unlike
        return
    else:
        mine, theirs = parts_of(kind, one), parts_of(its, other)
        if len(mine) != len(theirs):
            raise Unlike
        parts = list(zip(mine, theirs, strict=True))
    for first, second in parts:
        yield from pairs(first, second, exact=exact)


_FAMILY: dict[ContainerKind, ContainerKind] = {"tuple": "list", "frozenset": "set"}


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


def as_tensor(array: Any) -> torch.Tensor:
    """An array or a scalar of NumPy's, whose dtype is one of ``ARRAY_DTYPES``, as a tensor with
    its strides: of the same memory, where torch can do with that."""
    array = np.asarray(array)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    sound = array.flags.writeable and all(
        stride >= 0 and stride % array.itemsize == 0 for stride in array.strides)
    return torch.from_numpy(array if sound else array.copy(order="C"))


def is_known_array(value: Any) -> bool:
    """Whether a value is an array or a scalar of NumPy's that can travel."""
    return (type(value) is np.ndarray or isinstance(value, np.generic)) \
        and value.dtype.name in ARRAY_DTYPES
