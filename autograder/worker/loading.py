"""A student's notebook as one module: run its cells in order, then find the graded names in it."""

from __future__ import annotations
import __future__

import ast
import linecache
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any

from autograder.protocol import Raised
from autograder.worker import stub_modules

_CELL = "<cell {}>"
_FUTURES = {getattr(__future__, name).compiler_flag for name in __future__.all_feature_names}
_MAX_MESSAGE = 2_000


class Namespace:
    """The module that the notebook's cells share."""

    def __init__(self) -> None:
        self.module = types.ModuleType("__main__")
        self.values: dict[str, Any] = self.module.__dict__
        self._definitions: dict[str, Any] = {}
        self._flags = 0

    def install(self) -> None:
        """Make this the process's ``__main__``, with the stub modules in place."""
        sys.modules["__main__"] = self.module
        stub_modules.install(self.values)

    def run(self, cell: int, source: str, graded: Iterable[str]) -> None:
        """Run one cell, statement by statement as Jupyter does. Raises what it raises.

        Every ``def`` and ``class`` of a graded name is remembered as it comes by, so that a later
        ``conv2d = nn.Conv2d(1, 1, 3)`` does not hide the student's function.
        """
        filename = _CELL.format(cell)
        linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
        wanted = set(graded)
        try:
            for statement in ast.parse(source, filename).body:
                module = ast.Module([statement], type_ignores=[])
                code = compile(module, filename, "exec", self._flags, dont_inherit=True)
                self._flags |= code.co_flags & sum(_FUTURES)
                exec(code, self.values)
                if isinstance(statement, ast.FunctionDef | ast.ClassDef):
                    self._remember({statement.name} & wanted)
        finally:
            self._remember(wanted)

    def _remember(self, names: Iterable[str]) -> None:
        for name in names:
            if isinstance(self.values.get(name), types.FunctionType | type):
                self._definitions[name] = self.values[name]

    def find(self, name: str) -> Any:
        """The student's ``name``: its final value when that is a function or class, else its
        last definition, else whatever it is bound to. KeyError when nothing is.

        A last definition takes its name back, for the student's other functions too.
        """
        value = self.values.get(name)
        if name in self._definitions and not isinstance(value, types.FunctionType | type):
            self.values[name] = self._definitions[name]
        return self.values[name]

    def replace(self, name: str, function: Callable[..., Any]) -> None:
        """From now on ``name`` is ``function``, for the student's other functions too."""
        self.values[name] = function
        self._definitions[name] = function


def describe(error: BaseException) -> Raised:
    """``error`` with the place in the student's own cells where it came up."""
    cell = line = None
    trace = error.__traceback__
    while trace is not None:
        found = _cell_of(trace.tb_frame.f_code.co_filename)
        if found is not None:
            cell, line = found, trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        found = _cell_of(error.filename)
        if found is not None:
            cell, line = found, error.lineno
    try:
        message = str(error)[:_MAX_MESSAGE]
    except BaseException:  # a __str__ of the student's
        message = ""
    bases = tuple(base.__name__ for base in type(error).__mro__ if base is not object)
    return Raised(type(error).__name__[:200], bases[:20], message, cell, line)


def _cell_of(filename: str) -> int | None:
    prefix, suffix = _CELL.split("{}")
    digits = filename.removeprefix(prefix).removesuffix(suffix)
    return int(digits) if digits.isdecimal() and filename == _CELL.format(digits) else None
