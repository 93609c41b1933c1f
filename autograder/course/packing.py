"""One assignment as files: what a judge on another machine, or in another's container, needs.

They hold hidden suites and the secret, so they are for staff and for the machine that grades.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.course import Course, StoreTable, load
from autograder.course.door import DoorTable

SECRET = "secret"
"""The file beside a packed course's grader.toml."""

Files = Mapping[str, bytes]
"""Path -> content."""


def opened(folder: Path) -> tuple[Course, bytes]:
    """The course that was packed into ``folder``, and its secret.

    Raises:
        CourseError: grader.toml cannot be used.
        OSError: the bundle is not whole.
    """
    # Unpacked by strangers' programs, the secret may have any mode: it is read here, and not by
    # ``secret``, which refuses one that others can read.
    return load(folder / "grader.toml"), (folder / SECRET).read_bytes()


def course_files(course: Course, assignment: str, secret: bytes) -> Files:
    """What ``opened`` opens. One assignment: grader.toml reduced to it, its suite, and what
    judges read of solutions; and the secret."""
    solutions, suite = course.solutions(assignment), course.suite(assignment)
    files = {path.relative_to(course.root).as_posix(): path.read_bytes()
             for folder in (solutions, suite) for path in sorted(folder.rglob("*"))
             if path.is_file() and "__pycache__" not in path.parts
             and path.name.partition(".")[0] != "notebook"}
    return files | {
        "grader.toml": _grader_toml(course, assignment).encode(), SECRET: secret}


def _grader_toml(course: Course, assignment: str) -> str:
    """What is said of one assignment, and nothing of a database or of other due dates."""
    extensions = {student: {assignment: dates[assignment]}
                  for student, dates in course.extensions.items() if assignment in dates}
    reduced = course.model_copy(update={
        "assignments": {assignment: course.assignment(assignment)}, "extensions": extensions,
        "store": StoreTable(), "secret_file": None, "door": DoorTable()})
    return as_toml(reduced)


def as_toml(course: Course) -> str:
    """``course`` as the text of a grader.toml."""
    document = course.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return "".join(f"{key} = {_toml(value)}\n" for key, value in document.items())


def _toml(value: Any) -> str:
    """A value as TOML; JSON's strings, numbers, truth values and lists are TOML's, too."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(key)} = {_toml(each)}"
                               for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # As UTF-8, for TOML takes no halves of surrogate pairs; but no DEL either.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
