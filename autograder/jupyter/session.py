"""The running session whose functions are checked: IPython's, or Python's own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass
from functools import partial
from itertools import starmap
from pathlib import Path
from typing import Any

from autograder.judge.explain.advice import advice
from autograder.jupyter import place, stopped
from autograder.jupyter.stopped import Stopped
from autograder.result import CellError
from autograder.submission import Cell, Notebook, NotPython, parse


@dataclass(frozen=True)
class Session:
    names: MutableMapping[str, Any]
    notebook: Notebook  # what was run so far; of errors, those of cells that are no Python
    stopped: tuple[CellError, ...]  # what is known of cells that raised
    cell_of: Callable[[str], int | None]  # which cell a file of its code is, 0-based
    folder: Path  # where the notebook lies


def current() -> Session:
    """The session around us."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return _python() if shell is None else of(shell)


def _python() -> Session:
    names = vars(sys.modules["__main__"])
    return Session(names, Notebook((), ()), (), lambda file: None, Path.cwd())


def of(shell: Any) -> Session:
    """IPython's."""
    return Session(shell.user_ns, _run(shell.history_manager.input_hist_parsed),
                   tuple(starmap(_error, stopped.of(shell).items())), partial(_cell, shell),
                   place.folder(shell.user_ns))


def _error(number: int, stopped: Stopped) -> CellError:
    return CellError(cell=number - 1, line=stopped.line, type=stopped.type,
                     message=stopped.message, reason=advice(stopped.bases, stopped.message))


def _cell(shell: Any, file: str) -> int | None:
    number = stopped.number(shell, file)
    return None if number is None else number - 1


def _run(inputs: Iterable[str]) -> Notebook:
    """What was run, and what was no Python. The first input is nobody's."""
    cells, errors, broken = [], [], []
    for number, source in enumerate(inputs):
        cell = Cell(number - 1, source)
        try:
            parse(source)
        except NotPython as error:
            broken.append(cell)
            errors.append(CellError(cell=cell.index, type="SyntaxError", line=error.line,
                                    message=error.message, reason=error.reason))
        else:
            cells.append(cell)
    return Notebook(tuple(cells[1:]), tuple(errors), tuple(broken))
