"""A submission and the notebook in it, as all other parts of the package use them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from autograder.errors import AutograderError
from autograder.result import CellError, Sentence, SubmissionRecord


class SubmissionError(AutograderError):
    """Nothing can be graded at a path that the caller named; the text says what to do."""


class Unreadable(Exception):
    """A submission that cannot be opened. ``reason`` may be shown to its student."""

    def __init__(self, reason: Sentence) -> None:
        self.reason = reason
        super().__init__(reason)

    def __str__(self) -> str:
        return str(self.reason)


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one assignment."""

    student: str  # safe as a file name, unique in its run
    assignment: str
    files: Mapping[str, bytes]  # the file that is graded; nothing when there is a problem
    submitted_at: datetime | None  # with its zone; None where nothing trustworthy says
    due: datetime | None = None  # a deadline of its own; None: grader.toml's counts
    problem: Sentence | None = None  # why it cannot even be opened
    source: str = ""  # where it was found; for staff
    called: str = ""  # the name at the top of a download, as its platform wrote it
    is_called_late: bool = False  # its name says so, and nothing says by how much
    unread: Mapping[str, bytes] = field(default_factory=dict)  # with a problem: all that came
    kind: str = ""  # the kind of id that ``student`` is, where its layout says: canvas, github
    team: str | None = None  # whom it was handed in for, where that is not the student alone
    handed_in_by: str | None = None  # the member of the team who did, where that is known
    beside: Mapping[str, bytes] = field(default_factory=dict)  # modules that the file imports
    said: tuple[Sentence, ...] = ()  # of the file, to its student and to staff

    @cached_property
    def digest(self) -> str:
        """SHA-256 over ``packed``."""
        digest = hashlib.sha256()
        for piece in self.packed():
            digest.update(piece)
        return digest.hexdigest()

    def packed(self) -> Iterator[bytes]:
        """Names and contents by turns and, where it has a problem, what that is at the end: each
        behind its length, in eight bytes."""
        for part in self._parts():
            yield len(part).to_bytes(8, "big")
            yield part

    def _parts(self) -> Iterator[bytes]:
        for files in (self.files, _called_beside(self.beside), self.unread):
            for name in sorted(files):
                yield _encoded(name)
                yield files[name]
        if self.problem is not None:
            yield _encoded(str(self.problem))

    @cached_property
    def file_digests(self) -> dict[str, str]:
        return {name: hashlib.sha256(content).hexdigest()
                for name, content in {**self.files, **_called_beside(self.beside)}.items()}

    @property
    def record(self) -> SubmissionRecord:
        """What its result says of it."""
        return SubmissionRecord(digest=self.digest, files=dict(self.file_digests),
                                submitted_at=self.submitted_at, due=self.due,
                                team=self.team, handed_in_by=self.handed_in_by,
                                said=list(self.said))


@dataclass(frozen=True)
class Cell:
    """One code cell, or some lines of one, as plain Python."""

    index: int  # among the notebook's code cells, 0-based
    source: str
    above: int = 0  # lines of the student's cell or script that come before it


@dataclass(frozen=True)
class Notebook:
    cells: tuple[Cell, ...]
    errors: tuple[CellError, ...]  # the cells that do not parse; ``cells`` leaves them out
    broken: tuple[Cell, ...] = ()  # these, as their student wrote them
    asleep: frozenset[str] = frozenset()  # what is defined in cells that hold no code
    is_script: bool = False  # its lines are the file's, and its cells nobody's
    files: Mapping[str, bytes] = field(default_factory=dict)  # what it finds where it runs
    stand_ins: tuple[str, ...] | None = None  # packages stood in for; None: those that always are


BESIDE = "beside/"
"""How the names of modules that were handed in beside a notebook begin, where files are kept."""


def _called_beside(modules: Mapping[str, bytes]) -> dict[str, bytes]:
    return {f"{BESIDE}{name}": content for name, content in modules.items()}


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
