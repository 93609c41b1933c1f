"""What is known of cells that raised: a name that is missing may have been defined in one of them.

Light to import: it is kept from the moment when the extension is loaded, and mostly for nothing.
"""

from __future__ import annotations

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


def watch(shell: Any) -> None:
    """From now on, keep what is known of this shell's cells that raise."""
    if shell not in _kept:
        _kept[shell] = {}
        shell.events.register("post_run_cell", partial(_keep, shell))


def of(shell: Any) -> dict[int, Stopped]:
    """By the cells' numbers in the session."""
    return _kept.get(shell, {})


def _keep(shell: Any, result: Any) -> None:
    error, number = result.error_in_exec, result.execution_count
    if error is None or number is None:
        return
    own = f"In[{number}]"
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__)
             if (shell.compile.format_code_name(frame.f_code.co_filename) or ("", ""))[1] == own]
    name = type(error).__name__
    said = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    _kept[shell][number] = Stopped(
        name, tuple(each.__name__ for each in type(error).__mro__ if each is not object),
        said.removeprefix(f"{name}: "), lines[0] if lines else None)
