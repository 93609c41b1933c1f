"""Compare an answer with the reference's: the first respect in which they differ, or nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch

from autograder.judge.tolerance import Bound
from autograder.protocol import Handle, Kind, Opaque, kind_of
from autograder.result import Array, Mismatch, MismatchKind, Part, Shown

_SHOWN_ELEMENTS = 256
_SHOWN_TEXT = 500
_SHOWN_TYPE = 200  # characters of a class's name, which is the student's to choose
_BRACKETS: dict[Kind, tuple[str, str]] = {
    "list": ("[", "]"), "tuple": ("(", ")"), "dict": ("{", "}")}
_RELATIVE = 1e-9  # for plain Python floats, which a reference computes in double precision


def compare(
    expected: Any, actual: Any, *, precise: Any = None, bound: Bound = None,
    where: Part | None = None,
) -> Mismatch | None:
    """How ``actual`` differs from ``expected``; None when it does not.

    The order is type, shape, values, dtype: a mismatch of kind DTYPE says that everything else is
    right. Tuples and lists are equal; an int-valued float where an int belongs is a DTYPE.

    It is a walk of its own, and not ``pairs``: it forgives what has other parts and means the same,
    says where the first difference is, and looks on past those of dtypes.

    Args:
        precise: the expected answer in higher precision, to measure errors against.
        bound: the error allowed for eps = 1, elementwise (see ``tolerance``); None is exact.
        where: which part of an answer this is, for the mismatch.
    """
    if isinstance(expected, torch.Tensor):
        assert not isinstance(bound, tuple), "one tensor has one bound"
        return _tensors(expected, actual, expected if precise is None else precise, bound, where)
    if isinstance(expected, bool | str | None):
        same = type(actual) is type(expected) and actual == expected
        return None if same else _other(expected, actual, where)
    if isinstance(expected, int | float):
        return _numbers(expected, actual, where)
    if isinstance(expected, list | tuple):
        return _sequences(expected, actual, precise, bound, where)
    raise TypeError(f"a reference answered {type(expected).__name__}, which cannot be compared")


def describe_type(value: Any) -> str:
    """The name of an answer's type, as a student would call it."""
    if isinstance(value, Opaque | Handle):
        return value.type[:_SHOWN_TYPE]
    if isinstance(value, torch.Tensor):
        return "Tensor"
    return "None" if value is None else type(value).__name__


def show(value: Any) -> Shown:
    """``value`` as it may be put before people."""
    if isinstance(value, torch.Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        values: list[float | int | bool | None] | None = None
        if not value.is_meta and value.numel() <= _SHOWN_ELEMENTS and not value.is_complex():
            flat = value.detach().reshape(-1).tolist()
            values = [n if math.isfinite(n) else None for n in flat]
        return Array(shape=list(value.shape), dtype=dtype, values=values)
    text = ""
    for piece in _pieces(value):
        text += piece
        if len(text) > _SHOWN_TEXT:
            return text[:_SHOWN_TEXT] + "…"
    return text


def _pieces(value: Any) -> Iterator[str]:
    """``repr(value)`` from its beginning: most of a long answer is never looked at."""
    kind = kind_of(value)
    if kind is None:
        yield _shown_leaf(value)
        return
    opened, closed = _BRACKETS[kind]
    yield opened
    for number, part in enumerate(value):
        if number:
            yield ", "
        if kind == "dict":
            yield f"{_shown_leaf(part)}: "
        yield from _pieces(value[part] if kind == "dict" else part)
    yield f",{closed}" if kind == "tuple" and len(value) == 1 else closed


def _shown_leaf(value: Any) -> str:
    if isinstance(value, Opaque | Handle):
        return f"<{describe_type(value)}>"
    if isinstance(value, torch.Tensor) and (value.is_meta or value.numel() > _SHOWN_ELEMENTS):
        return f"tensor(shape={tuple(value.shape)}, dtype={_dtype(value)})"
    return repr(value[:_SHOWN_TEXT + 1] if isinstance(value, str) else value)


def _tensors(
    expected: torch.Tensor, actual: Any, precise: torch.Tensor, bound: torch.Tensor | None,
    where: Part | None,
) -> Mismatch | None:
    if not isinstance(actual, torch.Tensor):
        return _other(expected, actual, where)
    shapes: dict[str, Any] = {
        "expected_shape": list(expected.shape), "actual_shape": list(actual.shape),
        "expected_dtype": _dtype(expected), "actual_dtype": _dtype(actual), "where": where,
    }
    if expected.shape != actual.shape:
        return Mismatch(kind=MismatchKind.SHAPE, **shapes)
    if expected.device.type != actual.device.type:
        return Mismatch(kind=MismatchKind.DEVICE, **shapes)
    if not expected.is_meta and not _is_same(expected, actual):
        wrong = _values(expected, actual, precise, bound, shapes)
        if wrong is not None:
            return wrong
    if expected.dtype != actual.dtype:
        return Mismatch(kind=MismatchKind.DTYPE, **shapes)
    return None


def _values(
    expected: torch.Tensor, actual: torch.Tensor, precise: torch.Tensor,
    bound: torch.Tensor | None, shapes: dict[str, Any],
) -> Mismatch | None:
    wide = torch.complex128 if actual.is_complex() or precise.is_complex() else torch.float64
    if not (actual.is_floating_point() or precise.is_floating_point() or wide.is_complex):
        wide = torch.int64
    given, right = actual.to(wide), precise.detach().to(wide)
    error = (given - right).abs()
    if bound is None or wide is torch.int64:
        wrong = (given != right) & ~(given.isnan() & right.isnan())
    else:
        # A float32 answer to a float64 question is a fault of the dtype, and not of the values. A
        # dtype coarser than that buys nothing.
        coarsest = max(_eps(expected), torch.finfo(torch.float32).eps)
        allowed = bound * max(_eps(expected), min(_eps(actual), coarsest))
        wrong = ~((error <= allowed) | (given == right)) & ~(given.isnan() & right.isnan())
    if not wrong.any():
        return None
    finite = error[wrong & error.isfinite()] if wide is not torch.int64 else error[wrong]
    only_nan = bool((given.isnan() | ~wrong).all()) if wide is not torch.int64 else False
    return Mismatch(
        kind=MismatchKind.NAN if only_nan else MismatchKind.VALUES,
        first_wrong=wrong.nonzero()[0].tolist(),
        wrong_count=int(wrong.sum()),
        total_count=wrong.numel(),
        largest_error=float(finite.max()) if finite.numel() else None,
        **shapes,
    )


def _is_same(expected: torch.Tensor, actual: torch.Tensor) -> bool:
    """A fast test, which is enough for most right answers."""
    return expected.dtype == actual.dtype and torch.equal(expected, actual)


def _eps(tensor: torch.Tensor) -> float:
    floating = tensor.is_floating_point() or tensor.is_complex()
    return torch.finfo(tensor.dtype).eps if floating else 0.0


def _numbers(expected: float, actual: Any, where: Part | None) -> Mismatch | None:
    if isinstance(actual, torch.Tensor) and actual.numel() == 1 and not actual.is_complex() \
            and not actual.is_meta:
        value: Any = actual.item()
    else:
        value = actual
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _other(expected, actual, where)
    if not _close(value, expected):
        error = _difference(value, expected)
        finite = error is not None and math.isfinite(error)
        return Mismatch(kind=MismatchKind.NAN if value != value else MismatchKind.VALUES,
                        where=where, largest_error=error if finite else None)
    wanted = (int, float) if isinstance(expected, float) else int
    if isinstance(actual, wanted) and not isinstance(actual, bool):
        return None
    return Mismatch(kind=MismatchKind.DTYPE, expected_dtype=describe_type(expected),
                    actual_dtype=describe_type(actual), where=where)


def _close(value: float, expected: float) -> bool:
    if value != value or expected != expected:  # NaN is as right as in a tensor
        return value != value and expected != expected
    if value == expected or not isinstance(expected, float):
        return value == expected
    try:
        return math.isclose(value, expected, rel_tol=_RELATIVE)
    except OverflowError:  # an int beyond every float
        return False


def _difference(value: float, expected: float) -> float | None:
    try:
        return float(abs(value - expected))
    except OverflowError:
        return None


def _sequences(
    expected: list[Any] | tuple[Any, ...], actual: Any, precise: Any, bound: Bound,
    where: Part | None,
) -> Mismatch | None:
    is_vector = isinstance(actual, torch.Tensor) and actual.dim() == 1 and not actual.is_meta
    if not is_vector and not isinstance(actual, list | tuple):
        return _other(expected, actual, where)
    if len(actual) != len(expected):
        return Mismatch(kind=MismatchKind.SHAPE, expected_shape=[len(expected)],
                        actual_shape=[len(actual)], where=where)
    if is_vector:  # only now: a list takes ten times the memory
        actual = actual.tolist()
    light = None
    for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
        mismatch = compare(
            one, other, where=(where or Part()).at(index),
            precise=precise[index] if precise is not None else None,
            bound=bound[index] if isinstance(bound, tuple) else None,
        )
        if mismatch is not None and mismatch.kind is not MismatchKind.DTYPE:
            return mismatch
        light = light or mismatch
    return light


def _other(expected: Any, actual: Any, where: Part | None) -> Mismatch:
    kind = MismatchKind.TYPE
    if type(expected) is type(actual) and not isinstance(expected, list | tuple):
        kind = MismatchKind.VALUES
    return Mismatch(kind=kind, expected_type=describe_type(expected),
                    actual_type=describe_type(actual), where=where)


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
