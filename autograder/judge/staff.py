"""What staff wrote for an assignment: trusted references and known misconceptions."""

from __future__ import annotations

import importlib.util
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.course import Course
from autograder.result import Sentence


class JudgeError(Exception):
    """The judge cannot work: a suite, a reference or the machine is not as it must be."""


@dataclass(frozen=True)
class Misconception:
    """A known wrong implementation of ``name``, with what a teaching assistant would say."""

    id: str
    name: str
    message: Sentence
    implementation: Callable[..., Any]

    @property
    def source(self) -> str:
        """The implementation as a student would have written it."""
        lines = textwrap.dedent(inspect.getsource(self.implementation)).splitlines(keepends=True)
        start = next(i for i, line in enumerate(lines) if line.startswith(("def ", "class ")))
        return "".join(lines[start:])


class Misconceptions:
    """Collects the misconceptions of one file, by decorating functions or classes::

        wrong = Misconceptions()

        @wrong("kernel-flipped", "That is true convolution; deep learning does not flip.")
        def corr2d(X, K):
            ...
    """

    def __init__(self) -> None:
        self.all: list[Misconception] = []

    def __call__(self, id: str, message: str) -> Callable[[Callable[..., Any]], Misconception]:
        def collect(implementation: Callable[..., Any]) -> Misconception:
            found = Misconception(
                id, implementation.__name__, Sentence(text=message), implementation
            )
            self.all.append(found)
            return found

        return collect


@dataclass(frozen=True)
class Staff:
    """An assignment's reference module and its misconceptions."""

    reference: ModuleType
    misconceptions: tuple[Misconception, ...]


def load(course: Course, assignment: str) -> Staff:
    """Import ``reference.py`` and ``misconceptions.py`` of an assignment.

    Raises:
        JudgeError: a file is missing or broken, or a graded name has no reference.
    """
    folder = course.solutions(assignment)
    reference = _module(folder / "reference.py", f"reference_{assignment}")
    missing = [name for name in course.assignments[assignment].names
               if not hasattr(reference, name)]
    if missing:
        raise JudgeError(f"{folder / 'reference.py'}: defines no {', '.join(missing)}; "
                         "every graded name needs a reference")
    path = folder / "misconceptions.py"
    if not path.exists():
        return Staff(reference, ())
    wrong = getattr(_module(path, f"misconceptions_{assignment}"), "wrong", None)
    if not isinstance(wrong, Misconceptions):
        raise JudgeError(f"{path}: defines no `wrong = Misconceptions()`")
    ids = [misconception.id for misconception in wrong.all]
    twice = sorted({id for id in ids if ids.count(id) > 1})
    if twice:
        raise JudgeError(f"{path}: the ids {', '.join(twice)} stand twice")
    return Staff(reference, tuple(wrong.all))


def _module(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.exists():
        raise JudgeError(f"{path}: no such file; every assignment has one")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise JudgeError(f"{path}: cannot be imported: {type(error).__name__}: {error}") from error
    return module
