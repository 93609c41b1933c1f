"""What the verbs share: the two streams, the course's file, and mistakes of the command line."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from rich.table import Table
from rich.text import Text

from autograder.cli.streams import Stream
from autograder.course import Course, Policy
from autograder.course.roster import Roster
from autograder.errors import AutograderError
from autograder.names import shown
from autograder.telemetry import log

output = Stream()
messages = Stream(stderr=True)

COURSE = "AUTOGRADER_COURSE"
"""The variable of the environment that names the course's grader.toml, for all verbs."""


def reported(directory: Path, assignments: Iterable[str], *, anonymous: bool) -> None:
    """Say where reports lie; and which of before show the names that these do not."""
    for name in assignments if anonymous else ():
        if (page := directory / name / "index.html").exists():
            warn(f"{page}: is of before, and shows names; take its folder away")
    output.print(Text(f"Reports: {directory / 'anonymous' if anonymous else directory}"),
                 soft_wrap=True)


def of_section(roster: Roster, section: str | None) -> Roster:
    """The people of a section, or all where it is None. Raises UsageError where it has nobody."""
    if section is None:
        return roster
    found = roster.of_section(section)
    if not found.people:
        raise UsageError(f"nobody is in section {section!r}; there are: "
                         f"{', '.join(roster.sections) or 'none, in the table of people'}")
    return found


def policy(latest: bool | None) -> Policy | None:
    """What ``CountsOption`` says; None is the course's own."""
    if latest is None:
        return None
    return "latest" if latest else "best"


class UsageError(AutograderError):
    """The command line asks for something that cannot be."""


def course_file(given: Path | None, handed_in: Sequence[Path] = ()) -> Path:
    """The grader.toml to use: the one given, the one that the environment names, or the only one
    here and upwards.

    A course's suites run unconfined, and a student may have handed in a ``grader.toml``. So one
    that was merely found counts only where it lies in nothing of ``handed_in`` and hides no other.

    Raises:
        UsageError: it has to be named.
    """
    if given is not None:
        return given
    if named := os.environ.get(COURSE):
        if not Path(named).is_absolute():
            raise UsageError(f"{COURSE}={named}: write the whole path; from somewhere else it "
                             "would be another file")
        return Path(named)
    here = Path.cwd()
    found = [file for folder in (here, *here.parents)
             if (file := folder / "grader.toml").is_file()]
    if not found:
        return Path("grader.toml")  # of which is said that it is missing
    nearest, *hidden = found
    doubts = [f"hides {file}" for file in hidden] + [
        f"lies in {path}, which was handed in" for path in handed_in
        if nearest.resolve().is_relative_to(path.resolve())]
    if doubts:
        raise UsageError(f"{nearest}: {doubts[0]}, so a student may have put it there, and its "
                         f"suites would run unconfined; name the course by --course or {COURSE}")
    return nearest


def known(course: Course, assignment: str) -> None:
    """Raises UsageError where the course has no such assignment."""
    try:
        course.assignment(assignment)
    except KeyError as error:
        raise UsageError(error.args[0]) from None


def no_results(assignment: str) -> UsageError:
    """What to raise where nothing of an assignment is graded."""
    return UsageError(f"no results of {assignment}; grade it first: autograder grade --help")


def readable(text: str | None) -> str | None:
    """What was typed for an option. Raises UsageError where it is not UTF-8: Python then has halves
    of surrogate pairs, which nothing keeps."""
    if text is not None and any("\ud800" <= character <= "\udfff" for character in text):
        raise UsageError(f"{shown(text)!r} is not UTF-8; write it in letters that the terminal "
                         "has")
    return text


def plain(text: str, style: str) -> Text:
    """Text that may come from anywhere: no markup, no control characters, one line."""
    from autograder.report.words import one_line

    return Text(one_line(text), style=style)


def listed(table: Table, nothing: str) -> None:
    """Print a table; where it has no row, ``nothing``, which says so."""
    output.print(table if table.row_count else nothing)


def tell(lines: Iterable[str]) -> None:
    """Say how something was taken, on stderr, a line each."""
    for line in lines:
        _said(line, "dim", logging.INFO)


def warn(text: str) -> None:
    """Say what staff should know, on stderr, in one line."""
    _said(text, "yellow", logging.WARNING)


def say(text: str, *, alarm: bool) -> None:
    """Say on stderr, in one line, how the command ended."""
    _said(text, "bold red" if alarm else "yellow", logging.ERROR if alarm else logging.WARNING)


def _said(text: str, style: str, level: int) -> None:
    if log.is_json():
        log.event("said", level=level, text=text)
    else:
        messages.print(plain(text, style), soft_wrap=True)


class Meter:
    """How far a command is, told on stderr where that is a terminal."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as Remaining

        self._bar = Progress(TextColumn("{task.description}", markup=False), BarColumn(),
                             MofNCompleteColumn(), Remaining(), console=messages, transient=True,
                             disable=not messages.is_terminal or log.is_json())
        self._task = self._bar.add_task("", total=None)

    def tell(self, done: int, total: int, what: str) -> None:
        """So many are done, of so many, and ``what`` is at work."""
        self._bar.update(self._task, completed=done, total=total, description=what)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *ended: object) -> None:
        self._bar.stop()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Within it something else may be printed."""
        self._bar.stop()
        yield
        self._bar.start()
