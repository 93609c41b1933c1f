"""Canvas's gradebook, exported there as CSV, with the scores of one assignment filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.course import Assignment
from autograder.exchange.format import ExchangeError, Filled, Known, PerClass
from autograder.exchange.pending import why_kept, why_left, why_not_final, why_older
from autograder.exchange.rosters.entry import in_full
from autograder.exchange.sheet import Sheet, match, number
from autograder.gradebook import Grade
from autograder.names import counted

_TITLE = re.compile(r"(.*) \(\d+\)", re.DOTALL)  # what follows is Canvas's id of the assignment
_EXCUSED = "EX"
_IDS = ("canvas", "sis_id", "login")  # what people.csv calls the ids that stand there


def fill(text: str, grades: Sequence[Grade], assignment: Assignment, known: Known) -> Filled:
    """Cells of students without a score stay as they are, and so do those who are excused, and what
    a person entered."""
    sheet = Sheet(text)
    student, id_ = sheet.column("Student"), sheet.column("ID")
    if student is None or id_ is None:
        raise ExchangeError("not a gradebook of Canvas: it has no columns Student and ID; "
                            "export it in Canvas by Grades > Export")
    column = _column(sheet, assignment)
    possible = next((sheet.value(row, column) for row in sheet.rows
                     if sheet.value(row, student).casefold() == "points possible"), "")
    _check(possible, assignment)
    others = [sheet.column("SIS User ID"), sheet.column("SIS Login ID")]
    people = {
        row: [{sheet.value(row, id_)}, *({sheet.value(row, other)} for other in others),
              _spellings(sheet.value(row, student))]
        for row in sheet.rows if sheet.value(row, id_)
    }
    matched, notes = match(grades, people, known.roster, _IDS)
    cells = {}
    for row, grade in matched.items():
        cell, ours = sheet.value(row, column), sheet.as_grade(grade.score, possible)
        reason = why_left(grade) or why_kept(grade.student, cell, ours, known)
        if cell.upper() == _EXCUSED:
            reason = "excused in Canvas; left so"
        if reason:
            notes.append(f"{grade.student}: {reason}")
            continue
        notes += [*why_older(grade), *why_not_final(grade)]
        sheet.put(row, column, ours)
        cells[grade.student] = ours
    return Filled(sheet.text(), cells, notes)


def _column(sheet: Sheet, assignment: Assignment) -> int:
    titles = {index: parts[1] for index, title in enumerate(sheet.titles)
              if (parts := _TITLE.fullmatch(title))}
    wanted = {assignment.title.casefold(), assignment.name.casefold()}
    found = [index for index, title in titles.items() if title.strip().casefold() in wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise ExchangeError(f"{len(found)} assignments are called {assignment.title!r}; "
                            "rename all but one in Canvas, and export again")
    raise ExchangeError(
        f"no assignment is called {assignment.title!r}; there are: "
        f"{', '.join(titles.values()) or 'none'}; give it that title in Canvas or in grader.toml")


def _check(possible: str, assignment: Assignment) -> None:
    points = number(possible)
    if points is not None and points != assignment.points:
        raise ExchangeError(
            f"{assignment.title!r} has {counted(possible, 'point')} in Canvas and "
            f"{assignment.points} in grader.toml; make them equal, or all scores are wrong")


def _spellings(student: str) -> set[str]:
    """``Lovelace, Ada`` is how Canvas sorts Ada Lovelace."""
    last, _, first = student.partition(",")
    return {student, f"{first.strip()} {last.strip()}".strip(),
            in_full(first.strip(), last.strip())}


CANVAS = PerClass("canvas", "Canvas's gradebook (CSV), filled in", "Grades > Export", fill)
