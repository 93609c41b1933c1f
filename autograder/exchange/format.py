"""What a format is: a name, a line about it, and a way to write grades.

A new one is a file beside this, and an entry in ``FORMATS``: docs/exchange.md, "Adding a format".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autograder.course import Assignment
from autograder.errors import AutograderError
from autograder.gradebook import Grade
from autograder.report.files import page_names, write_whole


class ExchangeError(AutograderError):
    """An export cannot be made. The text says what happened, where, and what to do."""


class Format(Protocol):
    """A file format in which grades are exported."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str:
        """For the help: what it is, and who reads it."""

    def write(self, grades: Sequence[Grade], assignment: Assignment, path: Path,
              template: Path | None = None) -> list[str]:
        """Write the ``grades`` of one assignment, one for each student, to ``path``.

        Returns what could not be written, and why: a line for staff each.

        Raises:
            ExchangeError: nothing was written.
        """


@dataclass(frozen=True)
class PerStudent:
    """A format that holds one student's grade, and that the student may see."""

    name: str
    description: str
    suffix: str  # of files in a folder: the format's name, so that formats do not collide
    render: Callable[[Grade, Assignment], str | None]
    """The file's text; None where the format has no way to say that there is no score."""

    def write(self, grades: Sequence[Grade], assignment: Assignment, path: Path,
              template: Path | None = None) -> list[str]:
        """Write to the file ``path`` if it ends like this format's, else to a folder ``path``."""
        if template is not None:
            raise ExchangeError(f"{self.name} has no template; leave --template out")
        ending = Path(self.suffix).suffix
        if path.suffix != ending or path.is_dir():
            path.mkdir(parents=True, exist_ok=True)
            names = page_names(grade.student for grade in grades)
            return [note for grade in grades for note in self._write_one(
                grade, assignment, path / f"{names[grade.student]}{self.suffix}")]
        if len(grades) != 1:
            raise ExchangeError(
                f"{path}: a {self.name} file holds one student's result, and there are "
                f"{len(grades)}; name a folder, without {ending}")
        path.parent.mkdir(parents=True, exist_ok=True)
        return self._write_one(grades[0], assignment, path)

    def _write_one(self, grade: Grade, assignment: Assignment, path: Path) -> list[str]:
        text = self.render(grade, assignment)
        if text is not None:
            write_whole(path, text)
            return []
        path.unlink(missing_ok=True)  # an earlier export's score would pass for today's
        return [f"{grade.student}: {grade.result.status.value}, which {self.name} cannot say; "
                "no file"]


@dataclass(frozen=True)
class Filled:
    """A table with its scores, and what could not be put into it: a line for staff each."""

    text: str
    notes: list[str]


@dataclass(frozen=True)
class PerClass:
    """A platform's own table of grades: exported there, filled in here, and imported there."""

    name: str
    description: str
    where: str  # to find the table on the platform
    fill: Callable[[str, Sequence[Grade], Assignment], Filled]

    def write(self, grades: Sequence[Grade], assignment: Assignment, path: Path,
              template: Path | None = None) -> list[str]:
        """Write ``template`` with scores to the file ``path``, which may be the same file."""
        if template is None:
            raise ExchangeError(
                f"{self.name} needs the table to fill in; download it ({self.where}) "
                "and name it by --template")
        try:
            text = template.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise ExchangeError(f"{template}: not UTF-8 text at byte {error.start}; download it "
                                f"again ({self.where}), and do not save it anew") from None
        try:
            filled = self.fill(text, grades, assignment)
        except ExchangeError as error:
            raise ExchangeError(f"{template}: {error}") from None
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, filled.text)
        return filled.notes


def as_json(document: object) -> str:
    """``document`` in ASCII, because a file of grades must not depend on an encoding."""
    return json.dumps(document, indent=2, allow_nan=False) + "\n"
