"""What the wrong numbers of an answer have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograder.report.grids import numbers
from autograder.result import Array, Evidence, Sentence, sentence

_CLOSE = 1e-4  # of the largest number: far above rounding
_TELLING = 4  # numbers that agree by no chance

_INSIDE = sentence("The numbers inside are right; only numbers at the border are wrong.")


def pattern(evidence: Evidence) -> Sentence | None:
    """What may be said of all numbers of a wrong answer; None where there is nothing to say, or
    the numbers do not show."""
    if (found := _numbers(evidence)) is None:
        return None
    shape, right, wrong = found
    return _of_all(right, wrong) or (_INSIDE if _inner_alike(shape, right, wrong) else None)


def refutes(evidence: Evidence, said: Sentence) -> bool:
    """Whether a wrong answer shows that what was said of another is not so of both."""
    if (found := _numbers(evidence)) is None:
        return False
    if said == _INSIDE:
        return _inner_alike(*found) is False
    return pattern(evidence) != said


def _numbers(evidence: Evidence) -> tuple[Sequence[int], list[float], list[float]] | None:
    """Shape, expected and given numbers; None where they do not show, or are too few."""
    expected, given = evidence.expected, evidence.actual
    if not isinstance(expected, Array) or not isinstance(given, Array) \
            or expected.shape != given.shape:
        return None
    right = [number for number in numbers(expected) if number is not None]
    wrong = [number for number in numbers(given) if number is not None]
    if not _TELLING <= len(right) == len(wrong) == math.prod(expected.shape):
        return None
    return expected.shape, right, wrong


def _of_all(right: Sequence[float], wrong: Sequence[float]) -> Sentence | None:
    if _alike(wrong, [0.0] * len(wrong)):
        return sentence("Every number is 0.")
    if max(right) - min(right) < _CLOSE * max(map(abs, right)):  # one number says nothing
        return None
    largest = max(range(len(right)), key=lambda index: abs(right[index]))
    factor = wrong[largest] / right[largest]
    if factor and _alike(wrong, [factor * number for number in right]):
        return sentence("Every number is {factor} times what it should be.",
                        factor=_said(factor))
    term = wrong[0] - right[0]
    if _alike(wrong, [number + term for number in right]):
        return sentence("Every number is off by {term}.", term=_said(term, "+"))
    if _alike(sorted(wrong), sorted(right)):
        return sentence("The right numbers are there, in other places.")
    return None


def _said(number: float, sign: str = "") -> str:
    return f"{number:{sign}.4g}".replace("-", "−")


def _inner_alike(
    shape: Sequence[int], right: Sequence[float], wrong: Sequence[float]
) -> bool | None:
    """Whether the inner numbers of every image are right; None where there are none."""
    if len(shape) < 2 or min(shape[-2:]) < 3:
        return None
    height, width = shape[-2:]
    inner = [index for index in range(len(right))
             if 0 < index // width % height < height - 1 and 0 < index % width < width - 1]
    return _alike([wrong[index] for index in inner], [right[index] for index in inner])


def _alike(some: Sequence[float], others: Sequence[float]) -> bool:
    scale = max(map(abs, [*some, *others]))
    return all(abs(one - other) <= _CLOSE * scale
               for one, other in zip(some, others, strict=True))
