"""Requests for another look that came in by a form: Google's or Microsoft's answers as CSV."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.course.fields import hint
from autograder.errors import AutograderError
from autograder.exchange.format import ExchangeError
from autograder.exchange.sheet import Sheet
from autograder.names import canonical, shown
from autograder.store.requests import Requests, SecondLook
from autograder.submission.times import moment

_TITLES: Mapping[str, tuple[str, ...]] = {
    # An address first: forms take it from who has logged in, and an id is whatever is typed.
    "student": ("email address", "e-mail address", "email", "e-mail", "student", "student id",
                "id number", "username"),
    "assignment": ("assignment",),
    "question": ("question",),
    "words": ("words", "request", "message", "reason", "explanation", "comment", "why", "look",
              "what is wrong", "what is it?"),
    "time": ("timestamp", "completion time", "submitted at"),
}
"""Column -> what it is called in forms, the surest first."""

_NEEDED = ("student", "assignment", "words")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # a database may refuse them


@dataclass(frozen=True)
class FormRow:
    """One answer to the form."""

    row: int  # as a spreadsheet counts, the titles are 1
    student: str
    assignment: str
    question: str | None  # None: the whole
    words: str
    at: datetime | None  # None where nobody can tell


@dataclass(frozen=True)
class FormAnswers:
    """What a form brought."""

    columns: Mapping[str, str]  # what was looked for -> the title of the column it was found in
    rows: Sequence[FormRow]
    problems: Sequence[str]  # rows that are left out, and why: a line for staff each
    undated: Sequence[str]  # times that can be read in two ways, or in none


def load(file: Path, course: Course, whose: Callable[[str], str],
         columns: Mapping[str, str], assignment: str | None = None) -> FormAnswers:
    """The answers in a CSV file.

    Args:
        whose: an id or e-mail address as somebody typed it -> the student's id. Raises an error of
            ours where it is nobody's.
        columns: ``student``, ``assignment``, ``question``, ``words`` or ``time`` -> the title of
            its column, where that does not say it.
        assignment: what all answers are about, where the form does not ask.

    Raises:
        ExchangeError: it is no such table, or it cannot be told which column is which.
    """
    try:
        sheet = Sheet(file.read_bytes().decode("utf-8"))
        found = _columns(sheet, columns, [] if assignment is None else ["assignment"])
    except UnicodeDecodeError as error:
        raise ExchangeError(f"{file}: not UTF-8 text at byte {error.start}; save it as CSV in "
                            "UTF-8") from None
    except ExchangeError as error:
        raise ExchangeError(f"{file}: {error}") from None
    rows: list[FormRow] = []
    problems, undated = [], []
    for row in sheet.rows:
        cells = {name: sheet.value(row, found.get(name)) for name in _TITLES}
        if not any(cells.values()):
            continue
        if assignment is not None:
            cells["assignment"] = assignment
        try:
            rows.append(_row(row + 1, cells, course, whose))
        except AutograderError as error:
            problems.append(f"row {row + 1}: {error}; left out")
        else:
            undated += [cells["time"]] if cells["time"] and rows[-1].at is None else []
    titles = {name: sheet.titles[index] for name, index in found.items()}
    return FormAnswers(titles, rows, problems, undated)


def enter(requests: Requests, rows: Sequence[FormRow]) -> list[int]:
    """Open a request for each row that is not one already: in the same words, at the same time
    where the row has one. Returns their numbers."""
    known: dict[tuple[str, str, str | None, str], set[datetime | None]] = {}
    for request in requests.all():
        known.setdefault(_key_of(request), set()).add(request.opened)
    opened = []
    for row in rows:
        times = known.setdefault((row.student, row.assignment, row.question, row.words), set())
        if row.at in times or (row.at is None and times):
            continue
        times.add(row.at)
        opened.append(requests.open(row.student, row.assignment, row.question, row.words,
                                    at=row.at))
    return opened


def _key_of(request: SecondLook) -> tuple[str, str, str | None, str]:
    return request.student, request.assignment, request.question, request.messages[0].text


def _columns(sheet: Sheet, said: Mapping[str, str], given: Sequence[str]) -> dict[str, int]:
    """What is in which column: as ``said``, by a whole title, or by a word in one title alone."""
    found: dict[str, int] = {}
    for name, title in said.items():
        if name not in _TITLES:
            raise ExchangeError(f"--columns cannot say what {shown(name)!r} is"
                                f"{hint(name, list(_TITLES))}; the names are {', '.join(_TITLES)}")
        if (index := sheet.column(title)) is None:
            raise ExchangeError(f"no column {shown(title)!r} for {name}; there are columns "
                                f"{_listed(sheet)}")
        found[name] = index
    wanted = [name for name in _TITLES if name not in found and name not in given]
    for name in wanted:
        exact = next((index for title in _TITLES[name]
                      if (index := sheet.column(title)) is not None), None)
        if exact is not None and exact not in found.values():
            found[name] = exact
    for name in [name for name in wanted if name not in found]:
        words = re.compile(rf"\b(?:{'|'.join(map(re.escape, _TITLES[name]))})\b", re.IGNORECASE)
        likely = [index for index, title in enumerate(sheet.titles)
                  if index not in found.values() and words.search(title)]
        if len(likely) > 1:
            raise ExchangeError(
                f"{len(likely)} columns may be the {name}: "
                f"{', '.join(repr(shown(sheet.titles[index])) for index in likely)}; say which by "
                f"--columns {name}=TITLE")
        if likely:
            found[name] = likely[0]
    missing = [name for name in _NEEDED if name not in found and name not in given]
    if missing:
        raise ExchangeError(f"no column is called {missing[0]}; say which it is by --columns "
                            f"{missing[0]}=TITLE; there are {_listed(sheet)}")
    return found


def _listed(sheet: Sheet) -> str:
    return ", ".join(repr(shown(title, 60)) for title in sheet.titles)


def _row(row: int, cells: Mapping[str, str], course: Course,
         whose: Callable[[str], str]) -> FormRow:
    """Raises an error of ours where it is nobody's, about nothing there is, or without words."""
    student = whose(cells["student"])
    assignment = _meant(cells["assignment"], {
        name: each.title for name, each in course.assignments.items()})
    if assignment is None:
        raise ExchangeError(f"no assignment is called {shown(cells['assignment'])!r}; there are: "
                            f"{', '.join(course.assignments)}")
    words = _CONTROL.sub("", cells["words"].replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not words:
        raise ExchangeError("says nothing")
    return FormRow(row, student, assignment,
                   _question(cells["question"], course.assignment(assignment)), words,
                   moment(cells["time"], course.zone) if cells["time"] else None)


def _question(text: str, assignment: Assignment) -> str | None:
    if not text:
        return None
    questions = {each.name: each.title for each in assignment.questions}
    found = _meant(text, questions)
    if found is None:
        raise ExchangeError(f"{assignment.name} has no question {shown(text)!r}; there are: "
                            f"{', '.join(questions)}")
    return found


def _meant(text: str, titles: Mapping[str, str]) -> str | None:
    """The name that ``text`` says: itself, or its title; None where that is none, or several."""
    wanted = canonical(text)
    found = [name for name in titles if canonical(name) == wanted] or [
        name for name, title in titles.items() if canonical(title) == wanted]
    return found[0] if len(found) == 1 else None
