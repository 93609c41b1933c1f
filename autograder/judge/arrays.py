"""Compare tensors, arrays and numbers: type, shape, values, dtype, in this order."""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np
import torch

from autograder.judge.showing import describe_type, dtype_name
from autograder.judge.tolerance import Bound, Within
from autograder.protocol.values import as_tensor, is_known_array
from autograder.result import Mismatch, MismatchKind, Part

_RELATIVE = 1e-9  # for plain Python floats, which a reference computes in double precision


def tensors(
    expected: torch.Tensor, actual: torch.Tensor, precise: torch.Tensor, bound: Bound,
    where: Part | None,
) -> Mismatch | None:
    """How ``actual`` differs; see ``compare``."""
    shapes: dict[str, Any] = {
        "expected_shape": list(expected.shape), "actual_shape": list(actual.shape),
        "expected_dtype": dtype_name(expected), "actual_dtype": dtype_name(actual),
        "where": where,
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


def from_numpy(value: Any) -> torch.Tensor:
    """An array that has been found to be one that can travel."""
    if not is_known_array(value):
        raise TypeError(f"a reference answered {type(value).__name__} of {value.dtype}, which "
                        "cannot be compared")
    return as_tensor(value)


def _values(
    expected: torch.Tensor, actual: torch.Tensor, precise: torch.Tensor, bound: Bound,
    shapes: dict[str, Any],
) -> Mismatch | None:
    wide = torch.complex128 if actual.is_complex() or precise.is_complex() else torch.float64
    if not (actual.is_floating_point() or precise.is_floating_point() or wide.is_complex):
        wide = torch.int64
    given, right = actual.to(wide), precise.detach().to(wide)
    error = (given - right).abs()
    if bound is None or wide is torch.int64:
        wrong = (given != right) & ~(given.isnan() & right.isnan())
    else:
        wrong = ~((error <= _allowed(expected, actual, right, bound)) | (given == right)) \
            & ~(given.isnan() & right.isnan())
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


def _allowed(
    expected: torch.Tensor, actual: torch.Tensor, right: torch.Tensor, bound: Bound
) -> torch.Tensor:
    if isinstance(bound, Within):
        return bound.atol + bound.rtol * right.abs().nan_to_num(0, 0, 0)
    assert isinstance(bound, torch.Tensor), "one tensor has one bound"
    # A float32 answer to a float64 question is a fault of the dtype, and not of the values. A
    # dtype coarser than that buys nothing.
    coarsest = max(_eps(expected), torch.finfo(torch.float32).eps)
    return bound * max(_eps(expected), min(_eps(actual), coarsest))


def _is_same(expected: torch.Tensor, actual: torch.Tensor) -> bool:
    """A fast test, which is enough for most right answers."""
    return expected.dtype == actual.dtype and torch.equal(expected, actual)


def _eps(tensor: torch.Tensor) -> float:
    floating = tensor.is_floating_point() or tensor.is_complex()
    return torch.finfo(tensor.dtype).eps if floating else 0.0


def as_number(value: Any) -> Any:
    """Python's number for a scalar of NumPy's; anything else as it is."""
    return value.item() if isinstance(value, np.generic) and is_known_array(value) else value


def numbers(expected: complex, actual: Any, bound: Bound, where: Part | None) -> Mismatch | None:
    """How ``actual`` differs from a number of Python's; None where it does not, and where it is no
    number at all see ``is_number``."""
    value = one_number(actual)
    if not _close(value, expected, bound):
        error = _difference(value, expected)
        return Mismatch(kind=MismatchKind.NAN if value != value else MismatchKind.VALUES,
                        where=where, largest_error=error)
    given = as_number(actual)
    wanted = int if type(expected) is int else (int, float) if isinstance(expected, float) \
        else (int, float, complex)
    if isinstance(given, wanted) and not isinstance(given, bool):
        return None
    return Mismatch(kind=MismatchKind.DTYPE, expected_dtype=describe_type(expected),
                    actual_dtype=describe_type(actual), where=where)


def one_number(value: Any) -> Any:
    """The number that a tensor or an array of one element holds; anything else as it is."""
    if isinstance(value, np.ndarray) and value.size == 1 and is_known_array(value):
        return value.reshape(()).item()
    if isinstance(value, torch.Tensor) and value.numel() == 1 and not value.is_meta:
        return value.item()
    return as_number(value)


def is_number(value: Any, expected: complex) -> bool:
    """Whether it is a number, and of the kind that is asked for: no boolean, and none with an
    imaginary part where that should be real."""
    kinds = int | float | complex if isinstance(expected, complex) else int | float
    return isinstance(one_number(value), kinds) and not isinstance(one_number(value), bool)


def _close(value: complex, expected: complex, bound: Bound) -> bool:
    if value != value or expected != expected:  # NaN is as right as in a tensor
        return value != value and expected != expected
    if value == expected or isinstance(expected, int):
        return value == expected
    near = bound if isinstance(bound, Within) else Within(_RELATIVE, 0.0)
    try:
        return cmath.isclose(value, expected, rel_tol=_RELATIVE) \
            or (cmath.isfinite(value) and cmath.isfinite(expected)
                and abs(value - expected) <= near.atol + near.rtol * abs(expected))
    except OverflowError:  # an int beyond every float
        return False


def _difference(value: complex, expected: complex) -> float | None:
    try:
        error = float(abs(value - expected))
    except OverflowError:
        return None
    return error if math.isfinite(error) else None
