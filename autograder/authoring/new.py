"""New courses and new assignments that already work, to be changed into real ones.

A kind of assignment is a folder of ``templates/``. ``create`` fills it in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.course import Course, CourseError, load
from autograder.errors import AutograderError

Like = Literal["function", "module", "numpy", "text", "tests", "timed"]
"""Kinds of assignments that there are templates of."""

FIRST = "first_steps"
"""The assignment that a new course has."""

_TEMPLATES = Environment(loader=PackageLoader("autograder.authoring"), undefined=StrictUndefined,
                         keep_trailing_newline=True, autoescape=False)
_TABLE = "table.toml"
_HAND_IN = "hand_in_"
_COURSE = {"grader.toml": "grader.toml", "gitignore": ".gitignore", "README.md": "README.md"}


class NotEmpty(AutograderError):
    """A course cannot begin there: something lies there already."""


def begin(folder: Path) -> list[Path]:
    """Make an empty folder, or one that is not there yet, a course with one small assignment, a
    suite, a solution, misconceptions and example hand-ins; the files written.

    Raises:
        NotEmpty: something lies there; nothing has been written then.
    """
    there = sorted(path.name for path in folder.iterdir() if path.name != ".git") \
        if folder.is_dir() else []
    if there:
        raise NotEmpty(f"{folder}: not empty, {there[0]} lies there; begin a course in an empty "
                       "folder, or add an assignment to the course that is there: "
                       "autograder new NAME")
    values = {"name": FIRST, "title": _title(FIRST), "course": folder.resolve().name or "Course"}
    files = {folder / path: _filled(f"course/{name}", values) for name, path in _COURSE.items()}
    files[folder / "grader.toml"] += _filled(f"function/{_TABLE}", values)
    files |= dict(_files(folder, "function", values))
    _write(files)
    load(folder / "grader.toml")
    return list(files)


def create(course: Course, file: Path, name: str, like: Like = "function") -> list[Path]:
    """Write an assignment called ``name`` and its table; the files written.

    Raises:
        CourseError: the name is no identifier or is taken, or a file is there already; nothing
            has been written then.
    """
    if not name.isidentifier():
        raise CourseError(file, [f"{name!r} cannot name an assignment; use letters, digits and _"])
    if name in course.assignments:
        raise CourseError(file, [f"assignments.{name}: is there already"])
    values = {"name": name, "title": _title(name)}
    files = dict(_files(course.root, like, values))
    there = [path for path in files if path.exists()]
    if there:
        raise CourseError(file, [f"{path} is there already; move it away" for path in there])
    _write(files)
    with file.open("a", encoding="utf-8") as table:
        table.write(_filled(f"{like}/{_TABLE}", values))
    load(file)
    return list(files)


def _files(root: Path, like: Like, values: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """The files of an assignment, each with its text."""
    name = values["name"]
    for template in _TEMPLATES.list_templates():
        kind, _, file = template.removesuffix(".j2").partition("/")
        if kind != like or file == _TABLE:
            continue
        if file.startswith(_HAND_IN):
            place = root / "examples" / "submissions" / name / file.removeprefix(_HAND_IN)
        elif file.startswith("test_") or file == "README.md":
            place = root / "tests" / "hidden" / name / file
        else:
            place = root / "solutions" / name / file
        yield place, _filled(f"{kind}/{file}", values)


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _TEMPLATES.get_template(f"{template}.j2").render(values)


def _write(files: Mapping[Path, str]) -> None:
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
