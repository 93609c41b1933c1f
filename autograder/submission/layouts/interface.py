"""What a layout is: one way in which the hand-ins of a class lie, and whose they are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from autograder.course import Assignment
from autograder.names import shown
from autograder.submission.kinds import is_attempt
from autograder.submission.tree import File, Tree


@dataclass(frozen=True)
class HandIn:
    """One student's files, before one of them is chosen."""

    owner: str  # as the names say it: hostile
    files: tuple[File, ...]
    place: str = ""  # the name at the top that it came from
    called: str = ""  # that name as it stood there, whatever its letters
    kind: str = ""  # the kind of id that ``owner`` is, where that is known
    submitted_at: datetime | None = None
    is_placed: bool = False  # that time says no zone, and was read in the course's
    is_late: bool = False  # its name says so, and not by how much
    note: str = ""  # for staff, who have to do something


class Layout(ABC):
    """Says of a top level whether a class's hand-ins lie there in its way, and reads them."""

    name: ClassVar[str]  # as ``--layout`` calls it
    about: ClassVar[str]  # what people know it as
    whose: ClassVar[str] = ""  # the kind of id that it calls students by; nothing: whatever theirs
    is_telling: ClassVar[bool] = True  # whether one such name among others can be no accident

    @abstractmethod
    def strangers(self, tree: Tree, assignment: Assignment) -> list[str] | None:
        """The names at the top that do not belong to this layout. None: no name there speaks for
        it. Names alone count, and nothing below them."""

    def encloses(self, tree: Tree, parts: Sequence[str]) -> bool:
        """Whether what lies at ``parts`` is a hand-in, or of one, where ``tree``, of which only
        the names at the top are known, is of this layout throughout. Then it is read as all are:
        alone it would not say whose it is, or when it came."""
        return False

    @abstractmethod
    def hand_ins(self, tree: Tree, assignment: Assignment) -> list[HandIn]:
        """Everybody's, in any order.

        Raises:
            SubmissionError: what the platform wrote there cannot be understood.
        """


@dataclass(frozen=True)
class PlatformName:
    """What a platform says by a name at the top."""

    owner: str  # its id of the student, by which its grade import knows them
    person: str = ""  # what else it calls the owner: one id has one
    file: str = ""  # the student's own name for the file; empty for a folder
    is_late: bool = False


class ByName(Layout):
    """A layout whose every name at the top was written by a platform, and says whose it is."""

    @abstractmethod
    def parse(self, name: str, assignment: Assignment) -> PlatformName | None:
        """What the name says; None where the platform writes no such name."""

    def strangers(self, tree: Tree, assignment: Assignment) -> list[str] | None:
        names = [*tree.top_folders, *(file.name for file in tree.top_files)]
        strange = [name for name in names if self.parse(name, assignment) is None]
        if len(strange) == len(names):
            return None
        return [name for name in strange if name in tree.top_folders or is_attempt(name)]

    def hand_ins(self, tree: Tree, assignment: Assignment) -> list[HandIn]:
        found: dict[tuple[str, str], HandIn] = {}
        named = [(name, below.files) for name, below in tree.apart().items()]
        named += [(file.name, (file,)) for file in tree.top_files]
        for name, files in named:
            said = self.parse(name, assignment)
            if said is None:
                continue
            files = tuple(replace(file, parts=(said.file,) if said.file else file.parts,
                                  called=name) for file in files)
            key = said.owner, said.person  # one id of two people is for others to see
            before = found.get(key, HandIn(said.owner, (), name))
            found[key] = replace(before, files=before.files + files,
                                 is_late=before.is_late or said.is_late)
        return list(found.values())


def listed(names: Sequence[str], most: int = 3) -> str:
    """Names of strangers, the first few of them."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(repr(shown(name)) for name in names[:most]) + more
