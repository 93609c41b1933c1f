"""Which checks are a notebook's: those beside it, those named, or those of the course around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from autograder.course import Assignment, load
from autograder.selfcheck.folder import ANSWERS, COURSE, NAME
from autograder.submission import SubmissionError, Unreadable
from autograder.submission.notebook import MAX_NOTEBOOK, code_of

_DEFINITION = re.compile(r"^(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_GRADE_ID = re.compile(rb'"grade_id":\s*"([A-Za-z0-9_]+)"')  # nbgrader's name of a cell


def content_of(notebook: Path) -> bytes:
    """What is in the file, as far as anybody's notebook goes."""
    with notebook.open("rb") as file:
        return file.read(MAX_NOTEBOOK + 1)


def found_for(notebook: Path, folder: Path | None = None) -> Path:
    """The folder of its checks.

    Raises:
        SubmissionError: there is none, or none that is this notebook's. The text says what to do.
    """
    if not notebook.is_file():
        raise SubmissionError(f"{notebook}: no such file; name the notebook (.ipynb or .py)")
    if folder is not None:
        return named(folder)
    known = {path: assignment for path in _folders(notebook.resolve())
             for assignment in load(path / COURSE).assignments.values()}
    likely = _likely(notebook, known)
    if len(likely) == 1:
        return likely[0]
    names = ", ".join(assignment.name for assignment in known.values())
    if not likely:
        raise SubmissionError(
            f"{notebook}: not recognised as a notebook of {names}: neither its name nor what it "
            "defines says so; name the folder of its checks by --checks")
    raise SubmissionError(f"{notebook}: may be of {names}; name the folder of its checks by "
                          "--checks")


def named(folder: Path) -> Path:
    for path in (folder, folder / NAME):
        if (path / ANSWERS).is_file():
            return path
    raise SubmissionError(f"{folder}: holds no checks; name the folder {NAME}/ that came with the "
                          "assignment")


def _folders(notebook: Path) -> list[Path]:
    """Where checks are: beside the notebook, or in the course around it or around us."""
    if (notebook.parent / NAME / ANSWERS).is_file():
        return [notebook.parent / NAME]
    here = Path.cwd() / NAME
    for above in (*notebook.parents, *here.parents):
        found = sorted(path.parent for path in above.glob(f"assignments/*/{NAME}/{ANSWERS}"))
        if (above / COURSE).is_file() and found:
            return found
    raise SubmissionError(
        f"{notebook.name}: no checks found; keep it beside the folder {NAME}/ that came with the "
        "assignment, or name that folder by --checks")


def _likely(notebook: Path, known: dict[Path, Assignment]) -> list[Path]:
    """Those whose assignment the file is called like; else those of which it has most names."""
    stem = notebook.name.casefold()
    called = [path for path, assignment in known.items()
              if re.match(rf"{re.escape(assignment.name.casefold())}(?![a-z])", stem)]
    if called:
        return called
    try:
        said = _says(notebook)
    except Unreadable:  # the judge says why
        return list(known)
    counts = {path: len(said.intersection(_names(assignment)))
              for path, assignment in known.items()}
    most = max(counts.values())
    return [path for path, count in counts.items() if count == most > 0]


def _names(assignment: Assignment) -> Sequence[str]:
    return [*assignment.names, *(question.name for question in assignment.questions)]


def _says(notebook: Path) -> set[str]:
    """The names that it defines, and those that nbgrader's metadata gives its cells."""
    content = content_of(notebook)
    codes = code_of(notebook.name, content)
    said = {name for code in codes for name in _DEFINITION.findall(code.source)}
    return said | {name.decode() for name in _GRADE_ID.findall(content)}
