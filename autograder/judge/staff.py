"""What staff wrote for an assignment: references, misconceptions, unusual right solutions."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Literal, TypeGuard, TypeVar

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.result import Sentence


class JudgeError(AutograderError):
    """The judge cannot work: a suite, a reference or the machine is not as it must be."""


class NotRecorded(LookupError):
    """A recorded reference has no answer to this call: it was not made when recording."""


@dataclass(frozen=True)
class Variant:
    """Another implementation of ``name``, as a student could have written it."""

    id: str
    name: str
    implementation: Callable[..., Any]
    file: Path
    is_variable: bool = field(default=False, kw_only=True)
    """Whether ``name`` is a variable, whose value the implementation answers."""

    @property
    def program(self) -> str:
        """The implementation with all that its file defines beside it: a cell of a notebook."""
        text = self.file.read_text(encoding="utf-8")
        lines = text.splitlines()
        kept = [node for node in ast.parse(text).body
                if _is_common(node) or _variant_id(node) == self.id]
        cell = "\n".join("\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in kept)
        if not self.is_variable:
            return cell
        # No function of a graded name: in a notebook, the last of these would count.
        found = re.sub(rf"^def {self.name}\b", f"def found_{self.name}", cell, flags=re.MULTILINE)
        return f"{found}\n{self.name} = found_{self.name}()"


@dataclass(frozen=True)
class Misconception(Variant):
    """A known wrong implementation, with the sentence that a student who wrote it reads."""

    message: Sentence


@dataclass(frozen=True)
class Alternative(Variant):
    """A right implementation unlike the model solution; it must keep ``at_least`` that share of
    the question's points."""

    at_least: float
    is_for_tests: bool = True
    """Whether tests that students write have to accept it."""


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
    may lose something, ``@right("textbook-loops", at_least=0.75)``; or, for one that is right by
    the grader's leave and not by the docstring's letter, so that honest tests may reject it,
    ``@right("size-from-numpy", is_for_tests=False)``."""

    def __init__(self, file: str) -> None:
        self._file = Path(file)
        self.all: list[Alternative] = []

    def __call__(
        self, id: str, at_least: float = 1.0, *, is_for_tests: bool = True
    ) -> Callable[[Callable[..., Any]], None]:
        def collect(implementation: Callable[..., Any]) -> None:
            self.all.append(Alternative(id, implementation.__name__, implementation, self._file,
                                        at_least, is_for_tests))

        return collect


@dataclass(frozen=True)
class Staff:
    """An assignment's reference module, misconceptions, and right but unusual solutions."""

    reference: ModuleType
    program: str  # the reference as a cell, which needs nothing of ours
    misconceptions: tuple[Misconception, ...]
    alternatives: tuple[Alternative, ...]
    beside: Callable[[], AbstractContextManager[None]] = nullcontext
    """Within it, the files that students are given are found by their names."""
    variables: frozenset[str] = frozenset()
    """Graded names that are variables, whose values the reference's functions answer."""


def load(
    course: Course, assignment: str,
    beside: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Staff:
    """Import ``reference.py`` of an assignment, ``misconceptions.py`` or the files of
    ``misconceptions/``, and alternatives likewise. Only the first has to be there.

    Args:
        beside: within it, the files that students are given are found by their names.

    Raises:
        JudgeError: a file is missing or broken, or a graded name has no reference.
    """
    with beside():
        return replace(_loaded(course, assignment), beside=beside)


def _loaded(course: Course, assignment: str) -> Staff:
    folder = course.solutions(assignment)
    reference = _module(folder / "reference.py", f"reference_{assignment}")
    names = course.assignments[assignment].names
    missing = [name for name in names if not hasattr(reference, name)]
    if missing:
        raise JudgeError(f"{folder / 'reference.py'}: defines no {', '.join(missing)}; "
                         "every graded name needs a reference")
    program = _program((folder / "reference.py").read_text(encoding="utf-8"))
    wrong: list[Misconception] = _variants(
        course, assignment, "misconceptions", "wrong", Misconceptions)
    right: list[Alternative] = _variants(course, assignment, "alternatives", "right", Alternatives)
    variables = [name for name in names if not callable(getattr(reference, name))]
    for name in variables:
        setattr(reference, name, _constant(getattr(reference, name)))
    return Staff(reference, program, tuple(_knowing(wrong, variables)),
                 tuple(_knowing(right, variables)), variables=frozenset(variables))


def _constant(value: Any) -> Callable[[], Any]:
    """A variable of the reference's, as the function that answers it: one of many ways to compute
    it, as staff's other implementations are."""
    return lambda: value


_AnyVariant = TypeVar("_AnyVariant", bound=Variant)


def _knowing(variants: Sequence[_AnyVariant], variables: Collection[str]) -> list[_AnyVariant]:
    return [replace(each, is_variable=each.name in variables) for each in variants]


def _variants(
    course: Course, assignment: str, kind: Literal["misconceptions", "alternatives"],
    variable: str, collection: type[Misconceptions] | type[Alternatives],
) -> list[Any]:
    """Those of ``<kind>.py``, or of ``<kind>/`` in the order of the questions."""
    table, folder = course.assignments[assignment], course.solutions(assignment) / kind
    files = course.variants(assignment, kind)
    found = {file: _collected(file, variable, collection) for file in files}
    if folder.is_dir():
        for file in sorted({*folder.glob("*.py")} ^ {*files}):
            raise JudgeError(f"{file}: belongs to no question; the {kind} of an assignment "
                             "are one file, or a folder with one file for each question")
        for question in table.questions:
            file = folder / f"{question.name}.py"
            _consistent(file, found.get(file, []), question.names,
                        f"the question {question.name} does not grade")
    together = [variant for variants in found.values() for variant in variants]
    _consistent(folder if folder.is_dir() else folder.with_suffix(".py"), together, table.names)
    return together


def _collected(
    path: Path, variable: str, kind: type[Misconceptions] | type[Alternatives]
) -> list[Any]:
    found = getattr(_module(path, f"{path.stem}_{path.parent.name}"), variable, None)
    if not isinstance(found, kind):
        raise JudgeError(f"{path}: defines no `{variable} = {kind.__name__}(__file__)`")
    return list(map(_calling_itself, found.all))


def _calling_itself(variant: _AnyVariant) -> _AnyVariant:
    """The variant, whose own name is itself where it is recursive: in its file, it is that of all
    others, too."""
    function = variant.implementation
    if not isinstance(function, FunctionType):
        return variant
    names = dict(function.__globals__)
    own = FunctionType(function.__code__, names, function.__name__, function.__defaults__,
                       function.__closure__)
    own.__kwdefaults__ = function.__kwdefaults__
    names[variant.name] = own
    return replace(variant, implementation=own)


def _consistent(
    path: Path, variants: Sequence[Variant], names: list[str], grades: str = "no question grades"
) -> None:
    """Each id stands once, and each variant is of one of ``names``."""
    ids = [variant.id for variant in variants]
    twice = sorted({id for id in ids if ids.count(id) > 1})
    if twice:
        raise JudgeError(f"{path}: the ids {', '.join(twice)} stand twice")
    for variant in variants:
        if variant.name not in names:
            raise JudgeError(f"{path}: {variant.id} implements {variant.name}, which {grades}")


def _program(source: str) -> str:
    """A reference without what it takes from us: imports, and decorators, which mark functions for
    the judge and leave them as they are."""
    tree = ast.parse(source)
    ours = {alias.asname or alias.name for node in tree.body if _is_ours(node)
            for alias in node.names}
    tree.body = [node for node in tree.body if not _is_ours(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            node.decorator_list = [
                each for each in node.decorator_list
                if not ours.intersection(name.id for name in ast.walk(each)
                                         if isinstance(name, ast.Name))]
    return ast.unparse(tree)


def _variant_id(node: ast.stmt) -> str | None:
    """The id in ``@wrong("id", …)`` or ``@right("id")`` above a definition."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.decorator_list:
        decorator = node.decorator_list[0]
        if isinstance(decorator, ast.Call) and decorator.args \
                and isinstance(decorator.args[0], ast.Constant):
            return str(decorator.args[0].value)
    return None


def _is_common(node: ast.stmt) -> bool:
    """An import, helper or constant that every variant of the file may need. Imports of ours are
    for the file itself: students' programs have none."""
    if isinstance(node, ast.ImportFrom | ast.Import):
        return not _is_ours(node)
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return _variant_id(node) is None
    if isinstance(node, ast.Assign):
        return not any(isinstance(t, ast.Name) and t.id in ("wrong", "right") for t in node.targets)
    return False


def _is_ours(node: ast.stmt) -> TypeGuard[ast.ImportFrom | ast.Import]:
    """Whether this imports something of ours."""
    match node:
        case ast.ImportFrom():
            names = [node.module or ""]
        case ast.Import():
            names = [alias.name for alias in node.names]
        case _:
            return False
    return any(name.split(".")[0] == "autograder" for name in names)


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
