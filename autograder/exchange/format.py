"""What a format is: a name, a line about it, and a way to write grades.

A new one is a file beside this, and an entry in ``FORMATS``: docs/exchange.md, "Adding a format".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from autograder.course import Assignment
from autograder.course.roster import Roster
from autograder.errors import AutograderError
from autograder.gradebook import Grade
from autograder.report.page_names import page_names
from autograder.whole_files import write_whole


class ExchangeError(AutograderError):
    """An export cannot be made. The text says what happened, where, and what to do."""


@dataclass(frozen=True)
class Known:
    """What is known of a platform's table of grades. A cell that says something else than the last
    export wrote was changed by a person, and stays as it is."""

    roster: Roster = field(default_factory=Roster)  # the people whom it may be about
    cells: Mapping[str, str] = field(default_factory=dict)  # student -> grade, as exported last
    comments: Mapping[str, str] = field(default_factory=dict)  # student -> comment, likewise
    overwrite: bool = False  # replace also grades that a person changed; never comments
    to_overwrite: str = "--overwrite replaces it"  # how one asks for that


@dataclass(frozen=True)
class Exported:
    """What came of an export."""

    written: Mapping[str, str]  # student -> the cell's value, or the file's name
    notes: list[str]  # for staff, a line for each thing that could not be written
    comments: Mapping[str, str] = field(default_factory=dict)  # student -> in a platform's table


class Format(Protocol):
    """A file format in which grades are exported."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str:
        """For the help: what it is, and who reads it."""

    def write(self, grades: Sequence[Grade], assignment: Assignment, path: Path,
              template: Path | None = None, known: Known | None = None) -> Exported:
        """Write the ``grades`` of one assignment, one for each student, to ``path``.

        Args:
            template: a platform's own table, to be filled in.
            known: of that table; None where nothing is.

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
              template: Path | None = None, known: Known | None = None) -> Exported:
        """Write to the file ``path`` if it ends like this format's, else to a folder ``path``."""
        if template is not None:
            raise ExchangeError(f"{self.name} has no template; leave --template out")
        if known is not None and known.overwrite:
            raise ExchangeError(f"{self.name} has no cells that people change; leave --overwrite "
                                "out")
        ending = Path(self.suffix).suffix
        if path.suffix != ending or path.is_dir():
            path.mkdir(parents=True, exist_ok=True)
            names = page_names(grade.student for grade in grades)
            return self._write_each(
                {path / f"{names[grade.student]}{self.suffix}": grade for grade in grades},
                assignment)
        if len(grades) != 1:
            raise ExchangeError(
                f"{path}: a {self.name} file holds one student's result, and there are "
                f"{len(grades)}; name a folder, without {ending}")
        path.parent.mkdir(parents=True, exist_ok=True)
        return self._write_each({path: grades[0]}, assignment)

    def _write_each(self, files: Mapping[Path, Grade], assignment: Assignment) -> Exported:
        written, notes = {}, []
        for path, grade in files.items():
            text = self.render(grade, assignment)
            if text is not None:
                write_whole(path, text)
                written[grade.student] = path.name
            else:
                path.unlink(missing_ok=True)  # an earlier export's score would pass for today's
                notes.append(f"{grade.student}: {grade.result.status.value}, which {self.name} "
                             "cannot say; no file")
        return Exported(written, notes)


@dataclass(frozen=True)
class Filled:
    """A platform's table with scores in it."""

    text: str
    cells: Mapping[str, str]  # student -> what was written
    notes: list[str]  # for staff, a line for each thing that could not be written
    comments: Mapping[str, str] = field(default_factory=dict)  # student -> what was written

    @property
    def exported(self) -> Exported:
        return Exported(self.cells, self.notes, self.comments)


@dataclass(frozen=True)
class PerClass:
    """A platform's own table of grades: exported there, filled in here, and imported there."""

    name: str
    description: str
    where: str  # to find the table on the platform
    fill: Callable[[str, Sequence[Grade], Assignment, Known], Filled]

    def write(self, grades: Sequence[Grade], assignment: Assignment, path: Path,
              template: Path | None = None, known: Known | None = None) -> Exported:
        """Write ``template`` with scores to the file ``path``, which may be the same file."""
        if template is None:
            raise ExchangeError(
                f"{self.name} needs the table to fill in; download it ({self.where}) "
                "and name it by --template")
        filled = self.filled(template.read_bytes(), str(template), grades, assignment,
                             known or Known())
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, filled.text)
        return filled.exported

    def filled(self, table: bytes, name: str, grades: Sequence[Grade], assignment: Assignment,
               known: Known) -> Filled:
        """What the platform exported, with scores.

        Args:
            name: of the table, for whoever has to mend it.

        Raises:
            ExchangeError: it is no such table.
        """
        try:
            text = table.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ExchangeError(f"{name}: not UTF-8 text at byte {error.start}; download it "
                                f"again ({self.where}), and do not save it anew") from None
        try:
            return self.fill(text, grades, assignment, known)
        except ExchangeError as error:
            raise ExchangeError(f"{name}: {error}") from None


def as_json(document: object) -> str:
    """``document`` in ASCII, because a file of grades must not depend on an encoding."""
    return json.dumps(document, indent=2, allow_nan=False) + "\n"
