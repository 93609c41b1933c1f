"""What staff wrote for an assignment: references, misconceptions, unusual right solutions."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.result import Sentence


class JudgeError(AutograderError):
    """The judge cannot work: a suite, a reference or the machine is not as it must be."""


class NotRecorded(LookupError):
    """A recorded reference is asked what nobody asked when it was recorded."""


@dataclass(frozen=True)
class Variant:
    """Another implementation of ``name``, as a student could have written it."""

    id: str
    name: str
    implementation: Callable[..., Any]
    file: Path

    @property
    def program(self) -> str:
        """The implementation with all that its file defines beside it: a cell of a notebook."""
        text = self.file.read_text(encoding="utf-8")
        lines = text.splitlines()
        kept = [node for node in ast.parse(text).body
                if _is_common(node) or _variant_id(node) == self.id]
        return "\n".join("\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in kept)


@dataclass(frozen=True)
class Misconception(Variant):
    """A known wrong implementation, with what a teaching assistant would say about it."""

    message: Sentence


@dataclass(frozen=True)
class Alternative(Variant):
    """A right implementation unlike the model solution; it must keep ``at_least`` that share of
    the question's points."""

    at_least: float


class Misconceptions:
    """Collects the misconceptions of one file, by decorating functions or classes::

        wrong = Misconceptions(__file__)

        @wrong("kernel-flipped", "That is true convolution; deep learning does not flip.")
        def corr2d(X, K):
            ...
    """

    def __init__(self, file: str) -> None:
        self._file = Path(file)
        self.all: list[Misconception] = []

    def __call__(self, id: str, message: str) -> Callable[[Callable[..., Any]], None]:
        def collect(implementation: Callable[..., Any]) -> None:
            self.all.append(Misconception(
                id, implementation.__name__, implementation, self._file, Sentence(text=message)))

        return collect


class Alternatives:
    """Collects the alternatives of one file: ``@right("einsum")``, or, for an implementation that
    may lose something, ``@right("textbook-loops", at_least=0.75)``."""

    def __init__(self, file: str) -> None:
        self._file = Path(file)
        self.all: list[Alternative] = []

    def __call__(
        self, id: str, at_least: float = 1.0
    ) -> Callable[[Callable[..., Any]], None]:
        def collect(implementation: Callable[..., Any]) -> None:
            self.all.append(Alternative(
                id, implementation.__name__, implementation, self._file, at_least))

        return collect


@dataclass(frozen=True)
class Staff:
    """An assignment's reference module, misconceptions, and right but unusual solutions."""

    reference: ModuleType
    misconceptions: tuple[Misconception, ...]
    alternatives: tuple[Alternative, ...]


def load(course: Course, assignment: str) -> Staff:
    """Import ``reference.py``, ``misconceptions.py`` and ``alternatives.py`` of an assignment.
    The last two may be absent.

    Raises:
        JudgeError: a file is missing or broken, or a graded name has no reference.
    """
    folder = course.solutions(assignment)
    reference = _module(folder / "reference.py", f"reference_{assignment}")
    names = course.assignments[assignment].names
    missing = [name for name in names if not hasattr(reference, name)]
    if missing:
        raise JudgeError(f"{folder / 'reference.py'}: defines no {', '.join(missing)}; "
                         "every graded name needs a reference")
    wrong = _collected(folder / "misconceptions.py", "wrong", Misconceptions, names)
    right = _collected(folder / "alternatives.py", "right", Alternatives, names)
    return Staff(reference, tuple(wrong.all) if wrong else (), tuple(right.all) if right else ())


_Collection = TypeVar("_Collection", Misconceptions, Alternatives)


def _collected(
    path: Path, variable: str, kind: type[_Collection], names: list[str]
) -> _Collection | None:
    if not path.exists():
        return None
    found = getattr(_module(path, f"{path.stem}_{path.parent.name}"), variable, None)
    if not isinstance(found, kind):
        raise JudgeError(f"{path}: defines no `{variable} = {kind.__name__}(__file__)`")
    ids = [variant.id for variant in found.all]
    twice = sorted({id for id in ids if ids.count(id) > 1})
    if twice:
        raise JudgeError(f"{path}: the ids {', '.join(twice)} stand twice")
    for variant in found.all:
        if variant.name not in names:
            raise JudgeError(f"{path}: {variant.id} implements {variant.name}, "
                             "which no question grades")
    return found


def _variant_id(node: ast.stmt) -> str | None:
    """The id in ``@wrong("id", …)`` or ``@right("id")`` above a definition."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.decorator_list:
        decorator = node.decorator_list[0]
        if isinstance(decorator, ast.Call) and decorator.args \
                and isinstance(decorator.args[0], ast.Constant):
            return str(decorator.args[0].value)
    return None


def _is_common(node: ast.stmt) -> bool:
    """An import, helper or constant that every variant of the file may need."""
    if isinstance(node, ast.ImportFrom):
        return not (node.module or "").startswith("autograder")
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return _variant_id(node) is None
    if isinstance(node, ast.Assign):
        return not any(isinstance(t, ast.Name) and t.id in ("wrong", "right") for t in node.targets)
    return isinstance(node, ast.Import)


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
