"""Moodle's grading worksheet of one assignment, downloaded there as CSV, filled in."""

from __future__ import annotations

import html
from collections.abc import Sequence

from autograder.course import Assignment
from autograder.exchange.format import ExchangeError, Filled, PerClass
from autograder.exchange.pending import why_left, why_not_final
from autograder.exchange.sheet import Sheet, match, number
from autograder.gradebook import Grade
from autograder.report.prose import Prose
from autograder.report.table import safe_cell
from autograder.report.words import late_sentence

_PARTICIPANT = "Participant "
_WHERE = "View all submissions > Grading action > Download grading worksheet"


def fill(text: str, grades: Sequence[Grade], assignment: Assignment) -> Filled:
    """Feedback is the scores of the questions, and only where nobody wrote feedback before."""
    sheet = Sheet(text)
    mark, maximum = sheet.column("Grade"), sheet.column("Maximum Grade")
    identifier, email = sheet.column("Identifier"), sheet.column("Email address")
    if mark is None or (identifier is None and email is None):
        raise ExchangeError(
            "not a grading worksheet of Moodle: it has no column Grade, or neither Identifier "
            f"nor Email address; download it in English ({_WHERE})")
    feedback, changeable = sheet.column("Feedback comments"), sheet.column("Grade can be changed")
    others = [email, sheet.column("ID number"), sheet.column("Username"), sheet.column("Full name")]
    people = {
        row: [_spellings(sheet.value(row, identifier)),
              *({sheet.value(row, other)} for other in others)]
        for row in sheet.rows
    }
    matched, notes = match(grades, people)
    prose = Prose(assignment)
    for row, grade in matched.items():
        _check(sheet.value(row, maximum), row, assignment)
        reason = why_left(grade)
        if sheet.value(row, changeable).casefold() == "no":
            reason = "locked in Moodle; left so"
        if reason:
            notes.append(f"{grade.student}: {reason}")
            continue
        notes += why_not_final(grade)
        sheet.put(row, mark, sheet.as_grade(grade.score, sheet.value(row, maximum)))
        if feedback is None:
            continue
        if sheet.value(row, feedback):
            notes.append(f"{grade.student}: has feedback already; the grade is new, it is not")
        else:
            sheet.put(row, feedback, safe_cell(_feedback(grade, prose)))
    return Filled(sheet.text(), notes)


def _spellings(identifier: str) -> set[str]:
    """``Participant 12345``; in the names of downloaded files, 12345."""
    return {identifier, identifier.removeprefix(_PARTICIPANT)}


def _check(maximum: str, row: int, assignment: Assignment) -> None:
    possible = number(maximum)
    if possible is not None and possible != assignment.points:
        raise ExchangeError(
            f"row {row + 1}: the maximum is {maximum} in Moodle and {assignment.points} in "
            "grader.toml; make them equal, or all grades are wrong")


def _feedback(grade: Grade, prose: Prose) -> str:
    """The scores, on one line; Moodle reads it as HTML."""
    lines = [prose.heading(question) for question in grade.questions]
    late = late_sentence(grade)
    return "<br>".join(html.escape(line) for line in lines + ([prose.text(late)] if late else []))


MOODLE = PerClass("moodle", "Moodle's grading worksheet (CSV), filled in", _WHERE, fill)
