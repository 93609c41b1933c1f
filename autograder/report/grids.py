"""Tensors as small tables of numbers: shaded by value, wrong elements marked."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from autograder.result import Array, Evidence, Mismatch, Shown, Wire, Wiring

LARGEST = 400
"""Elements of the largest tensor whose numbers are shown."""

_SHADES = 4


@dataclass(frozen=True)
class GridCell:
    text: str
    marked: bool = False
    shade: str = ""  # p1 to p4 for positive numbers, n1 to n4 for negative ones

    def __html__(self) -> str:
        """As a page has it. A page may have thousands, which a template would take longer for than
        for all else."""
        kind = f' class="{self.shade}"' if self.shade else ""
        text = escape(self.text)
        return f"<td{kind}><mark>{text}</mark></td>" if self.marked else f"<td{kind}>{text}</td>"


@dataclass(frozen=True)
class Grid:
    """Two dimensions of a tensor; ``caption`` is the index of the others, such as [0, 1, :, :]."""

    rows: list[list[GridCell]]
    caption: str = ""

    @property
    def lines(self) -> list[Markup]:
        """The cells of each row, for a page."""
        return [Markup("".join([cell.__html__() for cell in row])) for row in self.rows]


@dataclass(frozen=True)
class Contrast:
    """What makes an expected and a given tensor comparable at a glance."""

    wrong: frozenset[int] = frozenset()  # flat indices of the elements that differ
    scale: float | None = None  # the largest magnitude of both
    digits: int = 5  # significant digits that tell the two apart


def grids(shown: Shown | None, comparison: Contrast | None = None) -> list[Grid]:
    """The numbers of a tensor as grids.

    A scalar is a grid of one cell, a vector one row, and more than two dimensions are several
    grids. Empty for text, empty tensors, and tensors without or with too many values.
    """
    values = numbers(shown)
    if not values or not isinstance(shown, Array):
        return []
    found = comparison or Contrast()
    scale = found.scale or _scale(values)
    cells = [GridCell(_number(value, found.digits), flat in found.wrong, _shade(value, scale))
             for flat, value in enumerate(values)]
    return _laid_out(shown.shape, cells)


def compare(evidence: Evidence, mismatch: Mismatch | None) -> Contrast:
    """How the expected and the given answer of a check are to be shown beside each other.

    The record counts the wrong elements and names the first; here the others are those that are
    farthest from what is expected.
    """
    expected, given = numbers(evidence.expected), numbers(evidence.actual)
    scale = _scale([*expected, *given])
    if mismatch is None or mismatch.wrong_count is None or len(expected) != len(given):
        return Contrast(scale=scale)
    farthest = sorted(range(len(given)), key=lambda i: -_distance(expected[i], given[i]))
    wrong = frozenset(farthest[: mismatch.wrong_count])
    alike = all(_number(expected[i], 5) == _number(given[i], 5) for i in wrong)
    return Contrast(wrong, scale, 9 if alike else 5)


def wires(wiring: Wiring, given: bool) -> list[Grid]:
    """The image of a wiring; each pixel that was used says which weights it met. Marked is what
    differs from the other side."""
    ours, other = (wiring.given, wiring.expected) if given else (wiring.expected, wiring.given)
    cells = []
    for pixel in itertools.product(*map(range, wiring.image)):
        met = _weights(ours, pixel)
        cells.append(GridCell(" ".join(f"K{list(weight)}" for weight in met) or "·",
                          marked=met != _weights(other, pixel)))
    return _laid_out(wiring.image, cells)


def _weights(wires: Iterable[Wire], pixel: tuple[int, ...]) -> list[tuple[int, ...]]:
    return sorted(tuple(wire.weight) for wire in wires if tuple(wire.pixel) == pixel)


def _laid_out(shape: list[int], cells: list[GridCell]) -> list[Grid]:
    # A scalar and a vector lack axes that a grid has.
    *outer, height, width = [1] * (2 - len(shape)) + shape
    left = iter(cells)
    found = []
    for index in itertools.product(*map(range, outer)):
        rows = [[next(left) for _ in range(width)] for _ in range(height)]
        found.append(Grid(rows, f"[{', '.join(map(str, index))}, :, :]" if outer else ""))
    return found


_Value = float | int | bool | None


def numbers(shown: Shown | None) -> list[_Value]:
    """The numbers that can be shown; none of text, and none that do not fit their shape."""
    if not isinstance(shown, Array) or shown.values is None or min(shown.shape, default=1) < 1:
        return []
    size = math.prod(shown.shape)
    return shown.values if size <= LARGEST and len(shown.values) == size else []


def _scale(values: Iterable[_Value]) -> float:
    return max((abs(float(value)) for value in values if value is not None), default=0.0)


def _distance(expected: _Value, given: _Value) -> float:
    if expected is None or given is None:
        return 0.0 if expected is given else math.inf
    return abs(float(expected) - float(given))


def _shade(value: _Value, scale: float) -> str:
    if value is None or not scale or not value:
        return ""
    strength = max(1, math.ceil(_SHADES * min(1.0, abs(float(value)) / scale)))
    return f"{'p' if value > 0 else 'n'}{strength}"


def _number(value: _Value, digits: int) -> str:
    if value is None:
        return "NaN/∞"
    if isinstance(value, float):
        return f"{value:.{digits}g}".replace("-", "−")
    return str(value).replace("-", "−")
