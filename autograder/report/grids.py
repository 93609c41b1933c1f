"""Tensors as small tables of numbers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.result import Array, Evidence, Shown

LARGEST = 400
"""Elements of the largest tensor whose numbers are shown."""


@dataclass(frozen=True)
class Cell:
    text: str
    marked: bool = False


@dataclass(frozen=True)
class Grid:
    """Two dimensions of a tensor; ``caption`` is the index of the others, such as [0, 1, :, :]."""

    rows: list[list[Cell]]
    caption: str = ""


def grids(shown: Shown | None, mark: Sequence[int] | None = None, digits: int = 5) -> list[Grid]:
    """The numbers of a tensor as grids, with the element at ``mark`` marked.

    A scalar is a grid of one cell, a vector one row, and more than two dimensions are several
    grids. Empty for text, empty tensors, and tensors without or with too many values.
    """
    if not isinstance(shown, Array):
        return []
    values, size = shown.values, math.prod(shown.shape)
    if values is None or len(values) != size or not 0 < size <= LARGEST:
        return []
    *outer, height, width = [1, 1, *shown.shape]
    outer = outer[2:]
    # Shapes of fewer than two dimensions lack the axes that the grid has.
    marked = None if mark is None or len(mark) != len(shown.shape) else [0, 0, *mark]
    marked = None if marked is None else marked[-len(outer) - 2:]
    result = []
    flat = iter(values)
    for index in itertools.product(*map(range, outer)):
        rows = [
            [Cell(_number(next(flat), digits), [*index, i, j] == marked) for j in range(width)]
            for i in range(height)
        ]
        caption = f"[{', '.join(map(str, index))}, :, :]" if outer else ""
        result.append(Grid(rows, caption))
    return result


def digits_for(evidence: Evidence) -> int:
    """Significant digits that tell the given answer from the expected one, where they differ."""
    expected, actual = evidence.expected, evidence.actual
    if isinstance(expected, Array) and isinstance(actual, Array):
        pairs = zip(expected.values or [], actual.values or [], strict=False)
        if any(a != b and _number(a, 5) == _number(b, 5) for a, b in pairs):
            return 9
    return 5


def _number(value: float | int | bool | None, digits: int) -> str:
    if value is None:
        return "NaN/∞"
    if isinstance(value, float):
        return f"{value:.{digits}g}".replace("-", "−")
    return str(value).replace("-", "−")
