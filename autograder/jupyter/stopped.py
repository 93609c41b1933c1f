"""What is known of cells that raised: a name that is missing may have been defined in one of them.

Light to import: it is kept from the moment when the extension is loaded, and mostly for nothing.
"""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary


@dataclass(frozen=True)
class Stopped:
    """How one cell ended."""

    type: str
    bases: tuple[str, ...]  # its type and those that this is of, nearest first
    message: str
    line: int | None  # of the cell itself


_kept: WeakKeyDictionary[Any, dict[int, Stopped]] = WeakKeyDictionary()
_files: WeakKeyDictionary[Any, dict[str, int]] = WeakKeyDictionary()  # where IPython keeps none


def watch(shell: Any) -> None:
    """From now on, keep what is known of this shell's cells that raise."""
    if shell not in _kept:
        _kept[shell] = {}
        shell.events.register("post_run_cell", partial(_keep, shell))
        if not hasattr(shell.compile, "format_code_name"):
            _files[shell] = {}
            shell.events.register("pre_run_cell", partial(_name, shell))


def of(shell: Any) -> dict[int, Stopped]:
    """By the cells' numbers in the session."""
    return _kept.get(shell, {})


def number(shell: Any, file: str) -> int | None:
    """The number of the cell whose code has this file's name. Before IPython 8, which Colab has,
    that is known of those that were run since the extension is there."""
    if not hasattr(shell.compile, "format_code_name"):
        return _files.get(shell, {}).get(file)
    label = shell.compile.format_code_name(file)
    found = re.search(r"\d+", label[1]) if label else None
    return int(found[0]) if found else None


def _name(shell: Any, info: Any) -> None:
    cell, count = info.raw_cell, shell.execution_count
    _files[shell][shell.compile.get_code_name(cell, cell, count)] = count


def _keep(shell: Any, result: Any) -> None:
    error, count = result.error_in_exec, result.execution_count
    if error is None or count is None:
        return
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__)
             if number(shell, frame.f_code.co_filename) == count]
    name = type(error).__name__
    said = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    _kept[shell][count] = Stopped(
        name, tuple(each.__name__ for each in type(error).__mro__ if each is not object),
        said.removeprefix(f"{name}: "), lines[0] if lines else None)
