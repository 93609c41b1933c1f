"""A student's notebook as one module: run its cells in order, then find the graded names in it."""

from __future__ import annotations
import __future__

import ast
import builtins
import inspect
import linecache
import re
import sys
import traceback
import types
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from autograder.protocol import Raised
from autograder.worker import reads, stub_modules

_CELL = "<cell {}>"
_FUTURES = {getattr(__future__, name).compiler_flag for name in __future__.all_feature_names}
_MAX_MESSAGE = 2_000
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,16}")  # of an object in memory
_IN_SCRIPT = re.compile(r"^(?:builtins\.|RuntimeError: )(\w+)", re.MULTILINE)
_TOOLS = types.FunctionType | types.BuiltinFunctionType | type | types.ModuleType


class Namespace:
    """The module that the notebook's cells share."""

    def __init__(self) -> None:
        self.module = types.ModuleType("__main__")
        self.values: dict[str, Any] = self.module.__dict__
        self._definitions: dict[str, Any] = {}  # graded name -> its last function or class
        self._tools: dict[str, Any] = {}  # what graded definitions read, as their own cells saw it
        self._deleted: dict[str, Any] = {}  # what a cell deletes that is graded, or read there
        self._cell: int | None = None  # that is being run, or was last
        self._lines: dict[str, list[str]] = {}  # file name of a cell -> what ran of it
        self._flags = 0

    def install(self, stand_ins: Iterable[str] | None = None) -> None:
        """Make this the process's ``__main__``, with the stub modules in place: of ``stand_ins``,
        or of all packages that are stood in for."""
        sys.modules["__main__"] = self.module
        stub_modules.install(self.values, stand_ins)

    def run(self, cell: int, source: str, graded: Iterable[str], above: int = 0) -> None:
        """Run lines of a cell, ``above`` of which come before them, statement by statement. One
        that raises costs no other; what the first of these raised is raised in the end.

        Every ``def`` and ``class`` of a graded name is remembered as it comes by, so that a later
        ``conv2d = nn.Conv2d(1, 1, 3)`` does not hide the student's function. So is, when its cell
        is over, what it reads: a later ``sum = 0`` does not, either.
        """
        if cell != self._cell:
            self._leave_cell()
            self._cell = cell
        filename = _CELL.format(cell)
        self._show(filename, source, above)
        wanted = set(graded)
        first: BaseException | None = None
        for statement in ast.parse("\n" * above + source, filename).body:
            if isinstance(statement, ast.Delete):
                self._keep(statement, wanted)
            try:
                self._execute(statement, filename)
            except BaseException as error:  # SystemExit is theirs, too
                first = first or error
            if isinstance(statement, ast.FunctionDef | ast.ClassDef):
                self._remember({statement.name} & wanted)
        self._remember(wanted)
        if first is not None:
            raise first

    def _execute(self, statement: ast.stmt, filename: str) -> None:
        module = ast.Module([statement], type_ignores=[])
        flags = self._flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile(module, filename, "exec", flags, dont_inherit=True)
        if stub_modules.names_a_gpu(code):
            stub_modules.on_this_device(statement)
            code = compile(module, filename, "exec", flags, dont_inherit=True)
        self._flags |= code.co_flags & sum(_FUTURES)
        if code.co_flags & inspect.CO_COROUTINE:  # await, as in Jupyter
            _finish(eval(code, self.values))
        else:
            exec(code, self.values)

    def _show(self, filename: str, source: str, above: int) -> None:
        """Let tracebacks and ``inspect`` find these lines, beside those of the cell before them."""
        lines = self._lines.setdefault(filename, [])
        new = [line + "\n" for line in source.replace("\r\n", "\n").split("\n")]
        lines += ["\n"] * (above - len(lines))
        lines[above:above + len(new)] = new
        linecache.cache[filename] = (sum(map(len, lines)), None, lines, filename)

    def _leave_cell(self) -> None:
        """Remember what graded definitions read."""
        for name, is_called in reads.names(self._definitions.values(), self.values).items():
            built_in = vars(builtins).get(name) if is_called else None
            value = self.values.get(name, built_in)
            if isinstance(value, _TOOLS):
                self._tools[name] = value
        self._cell = None

    def _remember(self, names: Iterable[str]) -> None:
        for name in names:
            if isinstance(self.values.get(name), types.FunctionType | type):
                self._definitions[name] = self.values[name]

    def _keep(self, statement: ast.Delete, wanted: set[str]) -> None:
        """Keep what a notebook cleans up: not all that it deletes, for that may be to free memory.
        """
        read = wanted | reads.names(self._definitions.values(), self.values).keys()
        for target in statement.targets:
            if isinstance(target, ast.Name) and target.id in read & self.values.keys():
                self._deleted[target.id] = self.values[target.id]

    def find(self, name: str) -> Any:
        """The student's ``name``: its final value when that is a function or class, else its
        last definition, else whatever it is bound to. KeyError when nothing is.

        A last definition takes its name back, for the student's other functions too; and so does
        each function, class or module that graded definitions read. What was deleted is back, but
        where a builtin was uncovered by that.
        """
        if self._cell is not None:
            self._leave_cell()
            for tool, value in self._tools.items():
                now = self.values.get(tool, value)
                if not (callable(now) or isinstance(now, types.ModuleType)):
                    self.values[tool] = value
            for gone, value in self._deleted.items():
                if gone not in vars(builtins):
                    self.values.setdefault(gone, value)
        value = self.values.get(name)
        if name in self._definitions and not isinstance(value, types.FunctionType | type):
            self.values[name] = self._definitions[name]
        return self.values[name]

    def replace(self, name: str, function: Callable[..., Any]) -> None:
        """From now on ``name`` is ``function``, for the student's other functions too."""
        self.values[name] = function
        self._definitions[name] = function


def _cell_of(filename: str) -> int | None:
    prefix, suffix = _CELL.split("{}")
    digits = filename.removeprefix(prefix).removesuffix(suffix)
    return int(digits) if digits.isdecimal() and filename == _CELL.format(digits) else None


def describe(
    error: BaseException, cell_of: Callable[[str], int | None] = _cell_of
) -> Raised:
    """``error`` with the place in the student's own cells where it came up. ``cell_of`` says which
    cell a file is."""
    cell = line = None
    trace = error.__traceback__
    while trace is not None:
        found = cell_of(trace.tb_frame.f_code.co_filename)
        if found is not None:
            cell, line = found, trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        found = cell_of(error.filename)
        if found is not None:
            cell, line = found, error.lineno
    try:
        message = _text(error)[:_MAX_MESSAGE]
    except BaseException:  # a __str__ of the student's
        message = ""
    return Raised(type(error).__name__[:200], _bases(error, message), message, cell, line)


def _bases(error: BaseException, message: str) -> tuple[str, ...]:
    """Names of the classes that it is of. TorchScript raises one of its own for every ``raise`` and
    ``assert``, and says at the end of its text what that was."""
    classes = type(error).__mro__
    if classes[0].__module__ == "torch.jit" and (said := _IN_SCRIPT.findall(message)):
        kind = getattr(builtins, said[-1], None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            classes = (*kind.__mro__, *classes)
    return tuple(dict.fromkeys(base.__name__ for base in classes if base is not object))[:20]


def _text(error: BaseException) -> str:
    """What it says, with Python's own "Did you mean", and the same in every process."""
    text = str(error.msg if isinstance(error, SyntaxError) else error)
    if isinstance(error, NameError | AttributeError | ImportError):
        text = str(traceback.TracebackException(
            type(error), error, error.__traceback__, limit=0, lookup_lines=False))
    return _ADDRESS.sub("0x…", text)


def _finish(coroutine: Coroutine[Any, Any, None]) -> None:
    """Drive what has nothing to wait for to its end."""
    while True:
        try:
            coroutine.send(None)
        except StopIteration:
            return
