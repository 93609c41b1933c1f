"""The term as a table: everybody's points of every assignment, and what they make together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rich import box
from rich.table import Table
from rich.text import Text

from autograder.course import Course
from autograder.course.roster import Person, Roster
from autograder.course.spreadsheets import as_csv
from autograder.gradebook.term import AssignmentGrade, TermGrade
from autograder.report.cells import safe_cell
from autograder.report.words import newer_note, one_line, percent
from autograder.result import SubmissionStatus

_NO_GRADES = (SubmissionStatus.UNREADABLE, SubmissionStatus.INTERNAL)


def term_table(term: Sequence[TermGrade], course: Course, roster: Roster) -> Table:
    """For terminals. A score in brackets is left out, — is open; what is missing says so, and below
    stands whose newest hand-in is no grade."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("student", overflow="fold")
    for name in course.assignments:
        table.add_column(name, justify="right")
    for heading in _sums(course):
        table.add_column(heading, justify="right", no_wrap=True)
    for each in term:
        table.add_row(Text(one_line(roster.person(each.student).shown)), *(
            _shown(each.assignments[name]) for name in course.assignments),
            *_summed(each, course))
    table.caption_justify = "left"
    table.caption = Text("\n".join(_ungraded(term, roster))) or None
    return table


def term_csv(term: Sequence[TermGrade], course: Course, roster: Roster) -> str:
    """For spreadsheets: scores that are open stay empty, and those of what is missing are 0. Whose
    newest hand-in is no grade stands under what it is; an empty score counts for nothing then."""
    return as_csv([
        ["student", "name", "section", *course.assignments, *_sums(course), "missing", *_NO_GRADES,
         "left out"],
        *(_row(each, course, roster.person(each.student)) for each in term)])


def _row(each: TermGrade, course: Course, person: Person) -> list[str]:
    found = each.assignments
    return [
        *map(safe_cell, (each.student, person.name, person.section)),
        *("" if one.score is None else _points(one.score) for one in found.values()),
        *_summed(each, course),
        " ".join(name for name, one in found.items() if one.is_missing),
        *(" ".join(name for name, one in found.items() if one.ungraded is status)
          for status in _NO_GRADES),
        " ".join(name for name, one in found.items() if one.is_dropped)]


def _ungraded(term: Sequence[TermGrade], roster: Roster) -> Iterator[str]:
    for each in term:
        for name, one in each.assignments.items():
            if one.ungraded is not None:
                counts = "nothing" if one.score is None else "an older one"
                yield one_line(f"{roster.person(each.student).shown}: {name}: "
                               f"{newer_note(one.ungraded, counts)}")


def _sums(course: Course) -> list[str]:
    return [*(["slip days"] if course.late.bank else []), "percent",
            *(["curved"] if course.gradebook.curve else [])]


def _summed(each: TermGrade, course: Course) -> list[str]:
    return [*([f"{each.slip_days} of {course.late.bank}"] if course.late.bank else []),
            percent(each.percent), *([percent(each.curved)] if course.gradebook.curve else [])]


def _shown(grade: AssignmentGrade) -> str:
    text = "missing" if grade.is_missing else "—" if grade.score is None else _points(grade.score)
    return f"({text})" if grade.is_dropped else text


def _points(score: Decimal) -> str:
    return f"{score.normalize():f}"
