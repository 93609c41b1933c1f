"""Marks for one question in free text, read from the table that ``marks`` writes: all or none."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from autograder.course import Assignment, Course, Question
from autograder.exchange.format import ExchangeError
from autograder.exchange.marks import (
    AFTER,
    BEFORE,
    STANDS,
    Answer,
    heading,
    shown_items,
    text_question,
)
from autograder.exchange.marks_given import MarkMistake, given
from autograder.exchange.sheet import Sheet
from autograder.names import counted, shown
from autograder.report.cells import safe_text
from autograder.report.words import say

_MOST = 10  # rows whose mistakes are told
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class _Mistake(Exception):
    """Of one row; what is wrong, and what to do."""


@dataclass(frozen=True)
class NewMark:
    """What a row gives, in the place of ``answer.mark``."""

    answer: Answer
    points: Decimal
    comment: str
    items: Mapping[str, Decimal]


@dataclass
class Marked:
    """What a table says of one question."""

    assignment: Assignment
    question: Question
    new: list[NewMark] = field(default_factory=list)
    changed: list[NewMark] = field(default_factory=list)
    left: int = 0  # rows without a mark, or with the one that stands

    @property
    def summary(self) -> str:
        return f"{len(self.new)} new, {len(self.changed)} changed, {self.left} left as they were"


FindAnswers = Callable[[Assignment, Question, Collection[str]], Mapping[str, Answer]]
"""By what a table calls their students, which is the last argument."""


FindImported = Callable[[Assignment, Question], Mapping[str, str]]
"""Student -> the number of the mark that the last import gave."""


def read(text: str, course: Course, find: FindAnswers, imported: FindImported, *,
         overwrite: bool) -> Marked:
    """What the table gives.

    Args:
        overwrite: replace also marks that somebody gave elsewhere since the table was written.

    Raises:
        ExchangeError: it is no such table, or a row of it cannot be: nothing of it counts.
    """
    sheet = Sheet(text)
    columns = {title: index for index, title in enumerate(sheet.titles)}
    if missing := [title for title in (*BEFORE, *AFTER) if title not in columns]:
        raise ExchangeError(f"has no column {', '.join(missing)}; fill in what `autograder marks "
                            "export` writes, and save it as CSV in UTF-8")
    rows = [_MarkLine(row + 1, {title: sheet.value(row, index) for title, index in columns.items()})
            for row in sheet.rows]
    rows = [row for row in rows if any(row.cells.values())]
    if not rows:
        raise ExchangeError("has no rows; fill in what `autograder marks export` writes")
    marked = _asked(rows[0], course)
    rubric = {heading(item) for item in marked.question.rubric}
    ours = {*BEFORE, *AFTER, STANDS, *rubric, ""}
    if unknown := [title for title in columns if title not in ours]:
        raise ExchangeError(f"the column {shown(unknown[0])!r} is none of the rubric of "
                            f"{marked.question.name}; export the table again")
    known = find(marked.assignment, marked.question, {row.cells["student"] for row in rows})
    by_table = imported(marked.assignment, marked.question)
    mistakes, seen = [], set[str]()
    for row in rows:
        try:
            answer = row.answer(marked, known)
            if answer.student in seen:
                raise _Mistake("is of a student who has a row already; keep one of them")
            seen.add(answer.student)
            given = row.mark(answer, marked.question)
            if given is not None and not overwrite:
                row.check_is_newest(answer, by_table.get(answer.student))
        except _Mistake as mistake:
            mistakes.append(f"row {row.number}: {mistake}")
        else:
            if given is None:
                marked.left += 1
            else:
                (marked.changed if answer.mark else marked.new).append(given)
    if mistakes:
        more = [f"and {len(mistakes) - _MOST} rows more"] if len(mistakes) > _MOST else []
        raise ExchangeError("\n".join([*mistakes[:_MOST], *more]))
    return marked


def _asked(row: _MarkLine, course: Course) -> Marked:
    """What the whole table is of, by its first row."""
    name = row.cells["assignment"]
    if name not in course.assignments:
        raise ExchangeError(f"row {row.number}: {shown(name)!r} is no assignment of this course")
    assignment = course.assignment(name)
    return Marked(assignment, text_question(assignment, row.cells["question"]))


@dataclass(frozen=True)
class _MarkLine:
    number: int  # as spreadsheets count
    cells: Mapping[str, str]

    def answer(self, marked: Marked, known: Mapping[str, Answer]) -> Answer:
        """Whose row it is."""
        cells, student = self.cells, self.cells["student"]
        if (cells["assignment"], cells["question"]) != (
                marked.assignment.name, marked.question.name):
            raise _Mistake(f"is not of {marked.assignment.name} {marked.question.name}, as the "
                           "first is; a table has one question")
        if student not in known:
            raise _Mistake(f"nobody called {shown(student)!r} has a text to be marked")
        return known[student]

    def mark(self, answer: Answer, question: Question) -> NewMark | None:
        """What it gives; None where it gives nothing, or what stands."""
        stands, comment = answer.mark, self._comment(answer)
        try:
            found = given(question, self.cells["points"], {
                item.text: self.cells.get(heading(item), "") for item in question.rubric},
                stands.points if stands else None)
        except MarkMistake as mistake:
            raise _Mistake(say(mistake.reason)) from None
        if found is None:
            if comment and (stands is None or comment != stands.comment):
                raise _Mistake("has a comment and no points; give points, 0 too")
            return None
        if stands and (found.points, comment, found.items) == (
                stands.points, stands.comment, shown_items(question, stands)):
            return None
        if self.cells["digest"] != answer.digest:
            raise _Mistake(f"the text of {shown(self.cells['student'])!r} has changed since; "
                           "export the table again, or take the row out")
        return NewMark(answer, found.points, comment, found.items)

    def check_is_newest(self, answer: Answer, imported: str | None) -> None:
        """That nobody has marked the text since the table was written but by a table."""
        mark = answer.mark
        if mark is not None and str(mark.number) not in (self.cells.get(STANDS), imported):
            raise _Mistake(
                f"{shown(self.cells['student'])!r} has {counted(mark.points, 'point')} from "
                f"{shown(mark.by)!r}"
                " that the table does not know of; export it again, take the row out, or replace "
                "them by --overwrite")

    def _comment(self, answer: Answer) -> str:
        """What stands in the cell; what stood before, where the table only shows it otherwise."""
        cell, before = self.cells["comment"], answer.mark.comment if answer.mark else ""
        if cell.split() == safe_text(before).split():
            return before
        if (found := _CONTROL.search(cell)) is not None:
            raise _Mistake(f"has a comment with a control character (U+{ord(found[0]):04X}), which "
                           "is not kept; take it out")
        return cell
