"""Collects visible checks without pytest, where they ask for nothing but functions, marks and
simple fixtures: students need not install it, and a notebook's kernel stays as it is.

While a file of the suite is run, what it calls ``pytest`` is a module of ours.
"""

from __future__ import annotations

import ast
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.judge.fixtures import NAMES, Fixtures
from autograder.judge.items import MARKERS, Items
from autograder.judge.staff import JudgeError

_KNOWN = {marker.partition("(")[0] for marker in MARKERS} | {"skip"}
_USED = {"mark", "fixture"}  # of pytest
_KEPT = "pytestmark"  # where marks are kept: of a function, and of a file


class NotPlain(Exception):
    """A suite asks for what only pytest has."""


def collected(directory: Path, fixtures: Fixtures) -> Items:
    """The checks of a directory; by pytest, where they ask for what only pytest has.

    Raises:
        JudgeError: a file of it is broken, or needs pytest, which is not here.
    """
    try:
        return _PlainChecks(directory, fixtures)
    except NotPlain as reason:
        try:
            from autograder.judge import collecting
        except ImportError:
            raise JudgeError(f"{directory}: its checks need pytest ({reason}); "
                             "pip install 'pytest<10'") from None
        return collecting.collected(directory, fixtures)


@dataclass(frozen=True)
class PlainMark:
    """What ``pytest.mark.weight(2)`` says. It decorates functions."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        if arguments and inspect.isfunction(arguments[0]):
            [function] = arguments
            setattr(function, _KEPT, [self, *getattr(function, _KEPT, ())])
            return function
        return PlainMark(self.name, arguments, keywords)


@dataclass(frozen=True, eq=False)
class PlainItem:
    """A function that is a check."""

    function: Callable[..., object]
    path: Path
    marks: tuple[PlainMark, ...]  # its own before those of its file

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def nodeid(self) -> str:
        return f"{self.path.name}::{self.name}"

    def iter_markers(self, name: str) -> Iterator[PlainMark]:
        return (mark for mark in self.marks if mark.name == name)

    def get_closest_marker(self, name: str) -> PlainMark | None:
        return next(self.iter_markers(name), None)


class _PlainChecks:
    """The items of a directory."""

    def __init__(self, directory: Path, fixtures: Fixtures) -> None:
        self._ours = {name: partial(_made, fixtures, name) for name in NAMES}
        self._made: dict[Path, dict[str, Callable[..., object]]] = {}  # fixtures of each file
        self.items: list[PlainItem] = []
        for file in sorted(directory.rglob("test_*.py")):
            self.items += self._read(file)

    def run(self, item: PlainItem) -> BaseException | None:
        try:
            self._call(item.function, item.path, {})
        except Exception as error:
            lines = [f"{item.path.name}:{line}" for frame, line in traceback.walk_tb(
                error.__traceback__) if frame.f_code.co_filename == str(item.path)]
            error.add_note(lines[-1] if lines else f"{item.path.name}, before {item.name} began")
            return error.with_traceback(None)  # its frames hold everything that was answered
        return None

    def close(self) -> None:
        """Nothing was opened."""

    def _read(self, file: Path) -> Iterator[PlainItem]:
        source = file.read_text(encoding="utf-8")
        try:
            _refuse_more(ast.parse(source))
            values = _run(file, source)
        except NotPlain as reason:
            raise NotPlain(f"{file.name}: {reason}") from None
        except Exception as error:
            raise JudgeError(f"{file}: cannot be imported: {type(error).__name__}: {error}") \
                from error
        said = values.get(_KEPT, [])
        common = tuple(said if isinstance(said, list) else [said])
        functions = {name: value for name, value in values.items()
                     if inspect.isfunction(value) and value.__module__ == values["__name__"]}
        self._made[file] = {name: each for name, each in functions.items()
                            if hasattr(each, "is_fixture")}
        for name, function in functions.items():
            if name.startswith("test"):
                marks = (*getattr(function, _KEPT, ()), *common)
                if unknown := {mark.name for mark in marks} - _KNOWN:
                    raise NotPlain(f"{file.name}: pytest.mark.{min(unknown)}")
                self._look(function, file, ())
                yield PlainItem(function, file, marks)

    def _look(self, function: Callable[..., object], file: Path, above: tuple[str, ...]) -> None:
        """Raises NotPlain where a function asks for what nobody here gives it."""
        if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
            raise NotPlain(f"{file.name}: {function.__name__} is no plain function")
        for name in inspect.signature(function).parameters:
            own = self._made[file].get(name)
            if name in above or (own is None and name not in self._ours):
                raise NotPlain(f"{file.name}: the fixture {name}")
            if own is not None:
                self._look(own, file, (*above, name))

    def _call(
        self, function: Callable[..., object], file: Path, made: dict[str, object]
    ) -> object:
        """Call it with its fixtures, of which each is made once for one check."""
        own = self._made[file]
        for name in inspect.signature(function).parameters:
            if name not in made:
                made[name] = self._call(own[name], file, made) if name in own \
                    else self._ours[name]()
        return function(**{name: made[name] for name in inspect.signature(function).parameters})


def _made(fixtures: Fixtures, name: str) -> object:
    return getattr(fixtures, name)()


def _refuse_more(tree: ast.Module) -> None:
    """Raises NotPlain where a file uses more of pytest than marks and simple fixtures."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="pytest"), attr=name) if name not in _USED:
                raise NotPlain(f"pytest.{name}")
            case ast.Call(func=ast.Attribute(value=ast.Name(id="pytest"), attr="fixture")):
                raise NotPlain("pytest.fixture(…)")
            case ast.ImportFrom(module="pytest"):
                raise NotPlain(ast.unparse(node))
    for top in tree.body:
        if isinstance(top, ast.ClassDef) and top.name.startswith("Test"):
            raise NotPlain(f"class {top.name}")


def _run(file: Path, source: str) -> dict[str, Any]:
    """What the file defines."""
    module = ModuleType(f"autograder_checks_{file.stem}")
    module.__file__ = str(file)
    with named({module.__name__: module, "pytest": _pytest()}):
        exec(compile(source, str(file), "exec", dont_inherit=True), vars(module))
    return vars(module)


def _pytest() -> ModuleType:
    class PlainMarks:
        def __getattr__(self, name: str) -> PlainMark:
            return PlainMark(name)

    def fixture(function: Any) -> Any:
        function.is_fixture = True
        return function

    module = ModuleType("pytest")
    vars(module).update(mark=PlainMarks(), fixture=fixture)
    return module


@contextmanager
def named(modules: Mapping[str, ModuleType]) -> Iterator[None]:
    """Meanwhile these modules are found by these names."""
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, found in before.items():
            del sys.modules[name]
            if found is not None:
                sys.modules[name] = found
