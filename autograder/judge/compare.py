"""Compare an answer with the reference's: the first respect in which they differ, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from autograder.judge import arrays
from autograder.judge.arrays import as_number
from autograder.judge.showing import describe_type, show_key
from autograder.judge.tolerance import Bound, Within
from autograder.protocol import Frame, Iterated, kind_of
from autograder.protocol.values import is_known_array, parts_of
from autograder.result import Mismatch, MismatchKind, Part

_SHOWN_KEYS = 5
_LONGEST_LINE = 200


def compare(
    expected: Any, actual: Any, *, precise: Any = None, bound: Bound = None,
    where: Part | None = None,
) -> Mismatch | None:
    """How ``actual`` differs from ``expected``; None when it does not.

    The order is type, shape, values, dtype: a mismatch of kind DTYPE says that everything else is
    right. Tuples and lists are equal, and sets and frozensets; an int-valued float where an int
    belongs is a DTYPE. A scalar of NumPy's is as good as the number that it holds, and as an array
    without axes.

    It is a walk of its own, and not ``pairs``: it forgives what has other parts and means the same,
    says where the first difference is, and looks on past those of dtypes.

    Args:
        precise: the expected answer in higher precision, to measure errors against.
        bound: the error allowed (see ``tolerance``); None is exact.
        where: which part of an answer this is, for the mismatch.

    Raises:
        TypeError: ``expected`` is nothing that can be compared.
    """
    match kind_of(expected):
        case None:
            return _leaves(expected, actual, precise, bound, where)
        case "list" | "tuple":
            return _sequences(expected, actual, precise, bound, where)
        case "dict":
            return _mappings(expected, actual, precise, bound, where)
        case "set" | "frozenset":
            return _sets(expected, actual, where)
        case "slice":
            same = type(actual) is slice and actual == expected
            return None if same else _other(expected, actual, where)
        case "frame":
            return _frames(expected, actual, bound, where)
        case "iterated":
            return _iterated(expected, actual, precise, bound, where)


def compare_text(expected: str, actual: str, where: Part | None = None) -> Mismatch | None:
    """How a text that is printed differs, line by line. Spaces at the ends of lines and empty
    lines at the end of the text count for nothing."""
    lines, given = (_lines(text) for text in (expected, actual))
    for number in range(max(len(lines), len(given))):
        one, other = (each[number] if number < len(each) else None for each in (lines, given))
        if one != other:
            return Mismatch(
                kind=MismatchKind.TEXT, where=where, line=number + 1,
                expected_line=one and one[:_LONGEST_LINE],
                actual_line=other and other[:_LONGEST_LINE])
    return None


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")] if text.strip() else []


def _leaves(
    expected: Any, actual: Any, precise: Any, bound: Bound, where: Part | None
) -> Mismatch | None:
    if isinstance(expected, torch.Tensor):
        if not isinstance(actual, torch.Tensor):
            return _other(expected, actual, where)
        return arrays.tensors(expected, actual, expected if precise is None else precise, bound,
                              where)
    if isinstance(expected, np.ndarray | np.generic):
        return _arrays(expected, actual, precise, bound, where)
    if isinstance(expected, bool | str | bytes | None):
        same = type(as_number(actual)) is type(expected) and as_number(actual) == expected
        return None if same else _other(expected, as_number(actual), where)
    if isinstance(expected, int | float | complex):
        return arrays.numbers(expected, actual, bound, where) \
            if arrays.is_number(actual, expected) else _other(expected, actual, where)
    raise TypeError(f"a reference answered {type(expected).__name__}, which cannot be compared")


def _arrays(
    expected: Any, actual: Any, precise: Any, bound: Bound, where: Part | None
) -> Mismatch | None:
    right = arrays.from_numpy(expected)
    if isinstance(expected, np.generic) and not isinstance(actual, np.ndarray | np.generic):
        number = expected.item()  # a plain number will do
        if isinstance(number, bool):
            return _leaves(number, actual, None, None, where)
        if not arrays.is_number(actual, number) or isinstance(actual, torch.Tensor):
            return _other(expected, actual, where)
        near = bound
        if isinstance(bound, torch.Tensor) and (right.is_floating_point() or right.is_complex()):
            near = Within(0.0, float(bound) * torch.finfo(right.dtype).eps)
        return arrays.numbers(number, actual, near, where)
    if not is_known_array(actual) or (isinstance(actual, np.generic) and right.dim()):
        return _other(expected, actual, where)
    exactly = right if precise is None else arrays.from_numpy(np.asarray(precise))
    return arrays.tensors(right, arrays.from_numpy(actual), exactly, bound, where)


def _sequences(
    expected: Any, actual: Any, precise: Any, bound: Bound, where: Part | None,
) -> Mismatch | None:
    is_vector = isinstance(actual, torch.Tensor) and actual.dim() == 1 and not actual.is_meta
    if not is_vector and not isinstance(actual, list | tuple):
        return _other(expected, actual, where)
    if len(actual) != len(expected):
        return Mismatch(kind=MismatchKind.SHAPE, expected_shape=[len(expected)],
                        actual_shape=[len(actual)], where=where)
    if is_vector:  # only now: a list takes ten times the memory
        actual = actual.tolist()
    return _parts([(index, one, other)
                   for index, (one, other) in enumerate(zip(expected, actual, strict=True))],
                  precise, bound, where)


def _mappings(
    expected: Mapping[Any, Any], actual: Any, precise: Any, bound: Bound, where: Part | None
) -> Mismatch | None:
    if not isinstance(actual, Mapping):
        return _other(expected, actual, where)
    if expected.keys() != actual.keys():
        return _members(expected.keys(), actual.keys(), where)
    return _parts([(key, one, actual[key]) for key, one in expected.items()], precise, bound,
                  where)


def _parts(
    parts: list[tuple[Any, Any, Any]], precise: Any, bound: Bound, where: Part | None
) -> Mismatch | None:
    """The first difference of parts, each of which is (index or key, expected, actual)."""
    light = None
    for key, one, other in parts:
        mismatch = compare(
            one, other, where=(where or Part()).at(key if type(key) is int else show_key(key)),
            precise=precise[key] if precise is not None else None,
            bound=bound[key] if isinstance(bound, tuple | Mapping) else
            bound if isinstance(bound, Within) else None,
        )
        if mismatch is not None and mismatch.kind is not MismatchKind.DTYPE:
            return mismatch
        light = light or mismatch
    return light


def _sets(expected: Any, actual: Any, where: Part | None) -> Mismatch | None:
    if not isinstance(actual, set | frozenset):
        return _other(expected, actual, where)
    return None if expected == actual else _members(expected, actual, where)


def _members(expected: Any, actual: Any, where: Part | None) -> Mismatch:
    missing, extra = ([show_key(key) for key in parts_of("set", set(some) - set(others))]
                      for some, others in ((expected, actual), (actual, expected)))
    return Mismatch(kind=MismatchKind.KEYS, where=where, expected_type=describe_type(expected),
                    missing=missing[:_SHOWN_KEYS], extra=extra[:_SHOWN_KEYS])


def _frames(expected: Any, actual: Any, bound: Bound, where: Part | None) -> Mismatch | None:
    name, columns, index = parts_of("frame", expected)
    if not isinstance(actual, Frame) or actual.type != name:
        return _other(expected, actual, where)
    of = where or Part()
    if name == "Series" and columns.keys() != actual.columns.keys():
        return _members(columns.keys(), actual.columns.keys(), of.at("name"))
    mismatch = _mappings(columns, actual.columns, None, bound, where)
    return mismatch or compare(index, actual.index, where=of.at("index"))


def _iterated(
    expected: Iterated, actual: Any, precise: Any, bound: Bound, where: Part | None
) -> Mismatch | None:
    if not isinstance(actual, Iterated):
        return _other(expected, actual, where)
    if (len(expected.items), expected.ended) != (len(actual.items), actual.ended):
        return Mismatch(kind=MismatchKind.SHAPE, expected_shape=[len(expected.items)],
                        actual_shape=[len(actual.items)], where=where)
    exactly = precise.items if isinstance(precise, Iterated) else precise
    return _sequences(expected.items, actual.items, exactly, bound, where)


def _other(expected: Any, actual: Any, where: Part | None) -> Mismatch:
    kind = MismatchKind.TYPE
    if type(expected) is type(actual) and kind_of(expected) in (None, "slice") \
            and not isinstance(expected, np.ndarray):
        kind = MismatchKind.VALUES
    return Mismatch(kind=kind, expected_type=describe_type(expected),
                    actual_type=describe_type(actual), where=where)
