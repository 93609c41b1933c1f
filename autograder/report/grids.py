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
    if values is None or len(values) != size or size > LARGEST or min(shown.shape, default=1) < 1:
        return []
    # A scalar and a vector lack axes that a grid has.
    lacking = [0] * (2 - len(shown.shape))
    *outer, height, width = [1 for _ in lacking] + shown.shape
    marked = None if mark is None else [*lacking, *mark]
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


def digits_for(evidence: Evidence, mark: Sequence[int] | None) -> int:
    """Significant digits that tell the answer from the expected one at the first wrong element."""
    texts = [
        [cell.text for grid in grids(shown, mark) for row in grid.rows for cell in row
         if cell.marked]
        for shown in (evidence.expected, evidence.actual)
    ]
    return 9 if texts[0] == texts[1] != [] else 5


def _number(value: float | int | bool | None, digits: int) -> str:
    if value is None:
        return "NaN/∞"
    if isinstance(value, float):
        return f"{value:.{digits}g}".replace("-", "−")
    return str(value).replace("-", "−")
