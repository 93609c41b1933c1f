"""What is known of each file of one student, for the choice of the one to grade. Each file is
parsed once, and no more of them than can be in a few seconds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

from autograder.course import Assignment
from autograder.result import Sentence, sentence
from autograder.submission.archive import MAX_ARCHIVE, from_zip, too_much
from autograder.submission.cells import DEFINITION
from autograder.submission.document import MAX_NOTEBOOK, coded, is_script
from autograder.submission.kinds import is_called, kind
from autograder.submission.model import Unreadable
from autograder.submission.tree import File

_MAX_ARCHIVES = 3  # zips of one student that are opened
GRADED = {"notebook", "archive", "script"}

# What is looked into to tell which file is meant. Who calls one like the assignment may have more.
_MOST_FILES = 500
_MOST_BYTES = MAX_ARCHIVE
_MOST_PARTS = 20_000_000  # of JSON, and letters of code: a few seconds' work
_A_LINE = 10  # letters that a line of code costs as much as
_MARKS = (b"[", b"{", b",", b"\\")  # each begins a part of JSON
_NO_CODE = re.compile(r"\s*(?:#|[%!]|get_ipython\(|$)")  # a comment's line, or what is for Jupyter


@dataclass(frozen=True)
class Look:
    """What a file's text tells of it."""

    content: str = ""  # its digest; nothing where it cannot even be loaded
    code: str = ""  # the digest of its code; nothing where it is no notebook that reads
    defined: int = -1  # graded names that it seems to define; where it does not read, fewer than 0


class Candidates:
    """The files of one student, and what is known of them."""

    def __init__(self, files: tuple[File, ...], assignment: Assignment) -> None:
        self.files, self.assignment = files, assignment
        self.own = _own(files, assignment.name)
        self._of: dict[Callable[[int], bytes], Look] = {}  # by how a file is loaded
        self._holds: dict[tuple[str, bool], Look] = {}  # by a content's digest; and whether Python
        self._bytes = self._parts = 0  # that were looked into
        self._is_full = False

    @property
    def inside(self) -> list[File]:
        """What their zips hold."""
        return self._unpacked[0]

    @property
    def problem(self) -> Unreadable | None:
        """What is wrong with the first zip that cannot be opened."""
        return self._unpacked[1]

    def look(self, file: File) -> Look:
        """What is known of one of them. Raises Unreadable where too much would be looked into."""
        if file.load not in self._of:
            self._of[file.load] = self._looked_into(file)
        return self._of[file.load]

    def is_given(self, file: File) -> bool:
        """Whether the file's code is a handout's. Raises as ``look``."""
        return bool(self._given) and self.look(file).code in self._given

    def _looked_into(self, file: File) -> Look:
        self._take(0, 0)
        try:
            content = file.load(MAX_NOTEBOOK)
        except Unreadable:
            return Look()
        self._take(len(content), 0)
        key = hashlib.sha256(content).hexdigest(), is_script(file.name)
        if key not in self._holds:
            self._take(0, sum(map(content.count, _MARKS)))
            self._holds[key] = self._read(file.name, content, key[0])
        return self._holds[key]

    def _take(self, size: int, parts: int) -> None:
        """Count what is looked into next. The first file always is."""
        self._bytes += size
        self._parts += parts
        self._is_full = self._is_full or len(self._of) >= _MOST_FILES or (len(self._of) > 0 and (
            self._bytes > _MOST_BYTES or self._parts > _MOST_PARTS))
        if self._is_full:
            raise Unreadable(_too_many(self.assignment.name))

    def _read(self, name: str, content: bytes, digest: str) -> Look:
        try:
            text = coded(name, content)
        except Unreadable:
            return Look(digest)
        self._parts += len(text) + _A_LINE * text.count("\n")
        defined = set(DEFINITION.findall(text)).intersection(self.assignment.names)
        return Look(digest, _digest(text), len(defined))

    @cached_property
    def _unpacked(self) -> tuple[list[File], Unreadable | None]:
        inside: list[File] = []
        problem = None
        archives = [file for file in self.own if kind(file.name) == "archive"]
        for archive in archives[:_MAX_ARCHIVES]:
            try:
                packed = from_zip(archive.load(MAX_ARCHIVE)).files
                if (reason := too_much(packed)) is not None:
                    raise Unreadable(reason)
            except Unreadable as error:
                problem = problem or error
            else:
                inside += [replace(file, called=archive.called)
                           for file in _own(packed, self.assignment.name)]
        return inside, problem

    @cached_property
    def _given(self) -> set[str]:
        """The code of each notebook that students were given."""
        found = set()
        for handout in self.assignment.handouts:
            with suppress(OSError, Unreadable):
                found.add(_code_in(handout, handout.stat().st_mtime_ns))
        return found


def too_many(packed: Sequence[File], assignment: str) -> Sentence | None:
    """Why a zip's files are more than are looked into, as far as its directory tells: there are
    too many notebooks, and none of them is called like the assignment."""
    notebooks = [file for file in _own(packed, assignment) if kind(file.name) == "notebook"]
    if any(is_called(file.name, assignment) for file in notebooks) or (
            len(notebooks) <= _MOST_FILES and sum(file.size for file in notebooks) <= _MOST_BYTES):
        return None
    return _too_many(assignment)


def _too_many(assignment: str) -> Sentence:
    return sentence(
        "Too many notebooks came, or too large ones, to find the one that is meant among them. "
        "Hand that one in alone, called {name}.", name=f"{assignment}.ipynb")


def _own(files: Sequence[File], assignment: str) -> list[File]:
    """Those in the student's folder of the assignment, where some can be graded there."""
    own = [file for file in files if len(file.parts) > 1 and file.parts[0] == assignment]
    return own if any(kind(file.name) in GRADED for file in own) else list(files)


@lru_cache(maxsize=8)
def _code_in(file: Path, mtime: int) -> str:
    """The digest of a file's code, which is read once for all students. Raises OSError,
    Unreadable."""
    return _digest(coded(file.name, file.read_bytes()))


def _digest(text: str) -> str:
    """Of what code does, as far as its text tells: without comments, empty lines, and what is for
    Jupyter, which programs that make scripts of notebooks write each in its own way."""
    lines = (line.rstrip() for line in text.splitlines())
    code = "\n".join(line for line in lines if not _NO_CODE.match(line))
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
