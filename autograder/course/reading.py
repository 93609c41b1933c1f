"""Reads grader.toml; every mistake in it is one sentence that says what to do."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from autograder.course import roster
from autograder.course.assignment import OtherAssignment
from autograder.course.dates import zone_named
from autograder.course.fields import hint
from autograder.course.tables import Course
from autograder.errors import AutograderError
from autograder.rules import SHIPPED


class CourseError(AutograderError):
    """grader.toml cannot be used. ``problems`` holds one line for each mistake in it."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        self.path = path
        self.problems = problems
        super().__init__("\n".join(f"{path}: {problem}" for problem in problems))


def load(path: Path) -> Course:
    """Read grader.toml; whom it names, by the course's table of people.

    Raises:
        CourseError: with one line for each mistake, naming key, value and remedy.
    """
    course = read(path)
    return _with_people(course, path) if course.extensions or course.leaderboard else course


def read(path: Path) -> Course:
    """Read grader.toml, and no other file that it names.

    Raises:
        CourseError: with one line for each mistake, naming key, value and remedy.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except FileNotFoundError:
        raise CourseError(path, ["no such file; run inside a course, or name it by --course"]) \
            from None
    except OSError as error:
        raise CourseError(path, [f"cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise CourseError(
            path, [f"not UTF-8 text at byte {error.start}; save it as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise CourseError(path, [f"not valid TOML: {error}"]) from None
    # The course's own keys stand in [course]; every other table is a field of its own.
    head = document.pop("course", {})
    if not isinstance(head, dict):
        raise CourseError(path, ["course: must be a table; write [course]"])
    misplaced = sorted(set(head) & set(document))
    if misplaced:
        raise CourseError(path, [f"course.{key}: also stands outside [course]; keep one"
                                 for key in misplaced])
    try:
        course = Course.model_validate({**head, **document})
    except ValidationError as error:
        has_zone = zone_named(head.get("timezone")) is not None
        raise CourseError(path, [_explain(details, has_zone=has_zone)
                                 for details in error.errors()]) from None
    if problems := list(_bind_rules(course)):
        raise CourseError(path, problems)
    course._root = path.resolve().parent
    for name, assignment in course.assignments.items():
        assignment._name = name
        assignment._language = course.language
        assignment._translations = course.solutions(name) / "locale"
        assignment._handouts = course.handouts(name)
        assignment._zone = course.zone
        assignment._others = tuple(OtherAssignment(each.title, tuple(each.names))
                                   for each in course.assignments.values()
                                   if each is not assignment)
    return course


def _bind_rules(course: Course) -> Iterator[str]:
    """Give each question the rules that it names; a line for each that nobody knows."""
    known = [*SHIPPED, *course.rules]
    for name in course.rules:
        if name in SHIPPED:
            yield f"rules.{name}: autograder has a rule of this name; call yours something else"
    for key, assignment in course.assignments.items():
        for number, question in enumerate(assignment.questions):
            for place, name in enumerate(question.forbid):
                if name not in known:
                    others = f"; there are: {', '.join(known)}. A new one is a table " \
                             f"[rules.{_quoted(name)}]"
                    yield (f"assignments.{key}.questions[{number}].forbid[{place}]: no rule is "
                           f"called {name!r}{hint(name, known) or others}")
            question._rules.update(
                {name: course.rules[name] for name in question.forbid if name in course.rules})


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'


def _with_people(course: Course, path: Path) -> Course:
    """The course with the ids of its people in the places of whatever names it calls them by."""
    known = roster.load(course)
    tables: dict[str, dict[str, Any]] = {}
    for key in ("extensions", "leaderboard"):
        names: dict[str, str] = {}
        for name in getattr(course, key):
            before = names.setdefault(known.id_of(name), name)
            if before != name:
                raise CourseError(path, [f"{key}.{before} and {key}.{name} are one student; keep "
                                         "one of them"])
        tables[key] = {id: getattr(course, key)[name] for id, name in names.items()}
    return course.model_copy(update=tables)


def _explain(details: ErrorDetails, *, has_zone: bool) -> str:
    """One pydantic error as a line: key, what is wrong with which value, what to do."""
    location = details["loc"]
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    key = key.removeprefix(".").removesuffix(".[key]") or "the file"
    if details["type"] == "extra_forbidden":
        known = _fields_at(location[:-1])
        listed = ", ".join(known)
        return f"{key}: unknown key{hint(str(location[-1]), known) or f'; known are: {listed}'}"
    if details["type"] == "missing":
        return f"{key}: missing; add it"
    if details["type"] == "literal_error":
        choices = details["ctx"]["expected"]
        known = [choice.strip("'") for choice in choices.replace(" or ", ", ").split(", ")]
        return f"{key}: {details['input']!r} is not one of {choices}" \
               f"{hint(str(details['input']), known)}"
    if details["type"] in ("timezone_aware", "datetime_type", "datetime_from_date_parsing",
                           "datetime_parsing"):
        return f"{key}: {str(details['input'])!r} " + (
            "is not a time; write for example 2026-10-12T23:59:00, as clocks in the course's "
            "timezone show it" if has_zone else "is not a time with its zone; write for example "
            "2026-10-12T23:59:00+02:00, or say the course's timezone")
    value = details["input"]
    shown = "" if isinstance(value, dict | list | BaseModel) else f" (it is {_plain(value)})"
    return f"{key}: {details['msg'][0].lower()}{details['msg'][1:]}{shown}"


def _plain(value: Any) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)


def _fields_at(location: tuple[int | str, ...]) -> list[str]:
    """The keys that the table at ``location`` may have."""
    kind: Any = Course
    for part in location:
        kind = _kind_at(kind, part)
    top = ["course"] if kind is Course else []
    return top + list(kind.model_fields)


def _kind_at(kind: Any, part: int | str) -> Any:
    """The type of what stands at ``part`` of a table, a list, or a table with keys of one's own."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        kind = kind.model_fields[str(part)].annotation
        # A table that may be left out is written `Timed | None`.
        return next((each for each in get_args(kind) if each is not NoneType), kind) \
            if get_origin(kind) is UnionType else kind
    return get_args(kind)[-1]
