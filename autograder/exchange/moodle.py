"""Moodle's grading worksheet of one assignment, downloaded there as CSV, filled in."""

from __future__ import annotations

import html
from collections.abc import Sequence

from autograder.course import Assignment
from autograder.exchange.format import ExchangeError, Filled, Known, PerClass
from autograder.exchange.pending import why_kept, why_left, why_not_final, why_older
from autograder.exchange.sheet import Sheet, match, number
from autograder.gradebook import Grade, for_student
from autograder.report.cells import safe_cell
from autograder.report.prose import Prose

_PARTICIPANT = "Participant "
_IDS = ("moodle", "id_number", "login")  # what people.csv calls the ids that stand there
_WHERE = "View all submissions > Grading action > Download grading worksheet"


def fill(text: str, grades: Sequence[Grade], assignment: Assignment, known: Known) -> Filled:
    """Feedback is the scores of the questions, but where a person wrote some. Grades that a person
    entered stay, with their feedback."""
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
    matched, notes = match(grades, people, known.roster, _IDS)
    prose = Prose(assignment)
    cells, comments = {}, {}
    for row, grade in matched.items():
        _check(sheet.value(row, maximum), row, assignment)
        cell = sheet.value(row, mark)
        ours = sheet.as_grade(grade.score, sheet.value(row, maximum))
        reason = why_left(grade) or why_kept(grade.student, cell, ours, known)
        if sheet.value(row, changeable).casefold() == "no":
            reason = "locked in Moodle; left so"
        if reason:
            notes.append(f"{grade.student}: {reason}")
            continue
        notes += [*why_older(grade), *why_not_final(grade)]
        sheet.put(row, mark, ours)
        cells[grade.student] = ours
        if feedback is None:
            continue
        said = sheet.value(row, feedback)
        comment = safe_cell(_feedback(for_student(grade), prose)).strip()
        if said in ("", comment, known.comments.get(grade.student)):
            sheet.put(row, feedback, comment)
            comments[grade.student] = comment
        elif number(cell) != number(ours):
            notes.append(f"{grade.student}: the grade is new, and the feedback beside it, which "
                         "a person wrote, stays as it was")
    return Filled(sheet.text(), cells, notes, comments)


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
    """The scores, and what else made the total, on one line; Moodle reads it as HTML."""
    lines = [*map(prose.heading, grade.questions), *prose.about_the_whole(grade)]
    return "<br>".join(map(html.escape, lines))


MOODLE = PerClass("moodle", "Moodle's grading worksheet (CSV), filled in", _WHERE, fill)
