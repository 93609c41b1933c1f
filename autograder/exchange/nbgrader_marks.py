"""Marks for questions in free text, both ways: what a person gave in formgrader counts here, and
what was given here is written there.

A cell's automatic score and comment are what the two agreed on last, and its manual ones what a
person entered. Who has changed it since is the newer; where both have, a person has to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from autograder.course import Assignment, Question
from autograder.gradebook import TextMark
from autograder.names import counted
from autograder.store import Store
from autograder.submission import answers

REASON = "given in formgrader"
UNANSWERED = "No response."  # nbgrader's own words


@dataclass(frozen=True)
class FormgraderMark:
    """Points, and what is said of them."""

    points: Decimal
    comment: str


@dataclass(frozen=True)
class MarkedCell:
    """What nbgrader's gradebook says of a student's answer: ``entered`` by a person, who may have
    entered nothing, and ``agreed`` on at the last exchange."""

    student: str
    question: Question
    entered: FormgraderMark | None
    agreed: FormgraderMark | None

    @classmethod
    def of(cls, student: str, question: Question, grade: Any, comment: Any) -> MarkedCell:
        """From nbgrader's rows."""
        shown = comment.auto_comment if comment.manual_comment is None else comment.manual_comment
        return cls(student, question, _said(grade.manual_score, shown),
                   _said(grade.auto_score, comment.auto_comment))

    def is_disputed(self, mark: TextMark | None) -> bool:
        """Whether both have changed it since."""
        ours = mark and FormgraderMark(mark.points, mark.comment)
        return None not in (self.entered, ours) and self.entered != ours \
            and self.agreed not in (self.entered, ours)

    def is_newer(self, mark: TextMark | None) -> bool:
        """Whether what the person entered is to count in the place of ``mark``."""
        ours = mark and FormgraderMark(mark.points, mark.comment)
        return self.entered is not None and self.entered != ours and ours in (None, self.agreed)


def take(store: Store, assignment: Assignment, cells: Iterable[MarkedCell]) -> Iterator[str]:
    """Make what people entered in formgrader marks of ours. Yields what could not be: lines for
    staff."""
    decisions, numbers = store.decisions(), store.counting_numbers(assignment.name)
    for cell in cells:
        mark = decisions.mark(assignment.name, cell.student, cell.question.name)
        if cell.is_disputed(mark):
            assert mark is not None and cell.entered is not None, "both have said something"
            yield (f"{cell.student}: {cell.question.name} has "
                   f"{counted(cell.entered.points, 'point')} in formgrader and {mark.points} here, "
                   "both changed since they were equal; change one of them to the other, with its "
                   "comment")
        elif cell.is_newer(mark):
            assert cell.entered is not None, "it is newer"
            if not 0 <= cell.entered.points <= cell.question.points:
                yield (f"{cell.student}: {cell.question.name} has "
                       f"{counted(cell.entered.points, 'point')} in formgrader, and can have "
                       f"{cell.question.points}; not taken")
                continue
            number = numbers.get(cell.student)
            seen = store.result(number).question(cell.question.name) if number else None
            store.acts.add(TextMark(
                assignment=assignment.name, student=cell.student, question=cell.question.name,
                points=cell.entered.points, comment=cell.entered.comment, reason=REASON,
                answer=answers.fingerprint(seen.text) if seen else ""))


def enter(grade: Any, comment: Any, cell: MarkedCell, mark: TextMark | None,
          text: str | None) -> None:
    """Write a mark into nbgrader's rows. What both have changed stays as it is; what nobody has
    marked waits for a person, or is 0 where nothing was written."""
    if mark is None:
        grade.auto_score = 0.0 if text == "" else None
        comment.auto_comment = UNANSWERED if text == "" else None
        grade.needs_manual_grade = grade.manual_score is None and grade.auto_score is None
    elif not cell.is_disputed(mark):
        grade.auto_score, comment.auto_comment = float(mark.points), mark.comment or None
        if cell.entered is not None:
            grade.manual_score = float(mark.points)
        if comment.manual_comment is not None:
            comment.manual_comment = mark.comment or None
        grade.needs_manual_grade = mark.answer not in ("", answers.fingerprint(text))


def _said(score: float | None, comment: str | None) -> FormgraderMark | None:
    text = "" if comment in (None, UNANSWERED) else str(comment)
    return None if score is None else FormgraderMark(Decimal(str(score)), text)
