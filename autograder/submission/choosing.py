"""Which of one student's files is graded."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.course import Assignment
from autograder.names import shown
from autograder.result import sentence
from autograder.submission.archive import MAX_ARCHIVE, from_zip, too_much
from autograder.submission.kinds import kind, stem
from autograder.submission.model import Unreadable
from autograder.submission.notebook import MAX_NOTEBOOK, code_of
from autograder.submission.tree import File

_DEFINITION = re.compile(r"^[ \t]*+(?:async[ \t]++)?(?:def|class)[ \t]++(\w++)", re.MULTILINE)
_MAX_CANDIDATES = 20  # notebooks of one student that are looked into
_MAX_ARCHIVES = 3  # zips of one student that are opened
_GRADED = {"notebook", "archive", "script"}


def chosen(files: Sequence[File], assignment: Assignment) -> tuple[File, str]:
    """The file to grade, and what staff should know of the choice; mostly nothing.

    That is the notebook called like the assignment, the one in the fewest folders; without one,
    the one that defines most of the graded names. Raises Unreadable where the files hold none.
    """
    found = _readable(_own(files, assignment), assignment)
    if len(found) == 1:
        return found[0], ""
    found = sorted(found, key=lambda file: (file.name, file.parts))[-_MAX_CANDIDATES:]
    worth = [_defined(file, assignment) for file in found]
    alike = [file for file, defined in zip(found, worth, strict=True) if defined == max(worth)]
    last = alike[-1]
    if max(worth) < 0 or all(file.load(MAX_NOTEBOOK) == last.load(MAX_NOTEBOOK) for file in alike):
        return last, ""
    return last, (f"of {len(alike)} files that may be meant {_path(last)} was graded, and not "
                  f"{_path(alike[-2])}: have the right one called {assignment.name}.ipynb")


def _own(files: Sequence[File], assignment: Assignment) -> list[File]:
    """Those in the student's folder of the assignment, where some can be graded there."""
    own = [file for file in files if len(file.parts) > 1 and file.parts[0] == assignment.name]
    return own if any(kind(file.name) in _GRADED for file in own) else list(files)


def _readable(files: Sequence[File], assignment: Assignment) -> list[File]:
    """The candidates: notebooks, else notebooks out of zips, else scripts. Raises Unreadable."""
    found = _of_kind(files, "notebook")
    if not found:
        inside, problem = _unpacked(files, assignment)
        found = (_of_kind(inside, "notebook") or _of_kind(files, "script")
                 or _of_kind(inside, "script"))
        if not found:
            raise problem or _nothing([*files, *inside])
    exact = [file for file in found if stem(file.name).casefold() == assignment.name.casefold()]
    depth = min((len(file.parts) for file in exact), default=0)
    likely = [file for file in exact if len(file.parts) == depth] or found
    readable = [file for file in likely if file.refused is None]
    if not readable:
        raise _nothing(likely)
    return readable


def _unpacked(
    files: Sequence[File], assignment: Assignment
) -> tuple[list[File], Unreadable | None]:
    """What a student's zips hold, and what is wrong with the first that cannot be opened."""
    inside: list[File] = []
    problem = None
    for archive in _of_kind(files, "archive")[:_MAX_ARCHIVES]:
        try:
            packed = from_zip(archive.load(MAX_ARCHIVE)).files
            if (reason := too_much(packed)) is not None:
                raise Unreadable(reason)
        except Unreadable as error:
            problem = problem or error
        else:
            inside += _own(packed, assignment)
    return inside, problem


def _nothing(files: Sequence[File]) -> Unreadable:
    """What to say about files none of which is a notebook that can be read."""
    for file in files:
        if file.refused is not None:
            return Unreadable(file.refused)
    for file in files:
        if kind(file.name) == "archive":
            return Unreadable(sentence(
                "The zip archive {name} holds no notebook. Hand in the .ipynb file.",
                name=shown(file.name)))
    for file in files:
        if kind(file.name) == "other":
            return Unreadable(sentence(
                "{name} is not a notebook. Hand in the .ipynb file that Jupyter saves.",
                name=shown(file.name)))
    return Unreadable(sentence("No notebook was handed in. Hand in the .ipynb file."))


def _defined(file: File, assignment: Assignment) -> int:
    """How many graded names the file has a definition of, as far as its text tells."""
    try:
        codes = code_of(file.name, file.load(MAX_NOTEBOOK))
    except Unreadable:
        return -1
    text = "\n".join(code.source for code in codes)
    return len(set(_DEFINITION.findall(text)).intersection(assignment.names))


def _of_kind(files: Sequence[File], wanted: str) -> list[File]:
    return [file for file in files if kind(file.name) == wanted]


def _path(file: File) -> str:
    return repr(shown("/".join(file.parts)))
