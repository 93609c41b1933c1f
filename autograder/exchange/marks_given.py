"""What somebody gives for a text: points, or points for each line of the rubric, as they were
written down. A table and a form are read by the same rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from autograder.course import Question
from autograder.exchange.sheet import number
from autograder.names import shown
from autograder.result import Sentence, sentence


class MarkMistake(Exception):
    """Points that cannot be given: what is wrong, and what to do."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(reason.text)
        self.reason = reason


@dataclass(frozen=True)
class PointsGiven:
    """Points, and what they are the sum of, where they were given by the rubric."""

    points: Decimal
    items: Mapping[str, Decimal] = field(default_factory=dict)


def given(question: Question, points: str, lines: Mapping[str, str],
          before: Decimal | None = None) -> PointsGiven | None:
    """What is given by what was written for the whole, and for each line of the rubric; None where
    nothing was.

    Args:
        before: the points that stand, which a table shows in the place of the whole.

    Raises:
        MarkMistake: these are no points for this question.
    """
    filled = {item: lines[item.text] for item in question.rubric if lines.get(item.text)}
    if filled and len(filled) < len(question.rubric):
        raise MarkMistake(sentence(
            "{many} of {all} lines of the rubric have points; give points for each, 0 too",
            many=len(filled), all=len(question.rubric)))
    items = {item.text: _points(cell, item.points) for item, cell in filled.items()}
    whole = _points(points, question.points) if points else None
    if not items:
        return None if whole is None else PointsGiven(whole)
    total = sum(items.values(), Decimal(0))
    if whole not in (None, total, before):
        raise MarkMistake(sentence(
            "its points are {points}, and {total} by its rubric; correct the one, or empty the "
            "other", points=points, total=str(total)))
    if total > question.points:
        raise MarkMistake(sentence("its points are {total} by its rubric, more than {most}",
                                   total=str(total), most=str(question.points)))
    return PointsGiven(total, items)


def _points(cell: str, most: Decimal) -> Decimal:
    found = number(cell)
    if found is None or found > most or found != round(found, 2):
        raise MarkMistake(sentence(
            "{cell} is no number from 0 to {most} with two decimals at most",
            cell=repr(shown(cell)), most=f"{most:f}"))
    return found
