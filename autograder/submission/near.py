"""Graded names that a notebook all but defines: for "did you mean"."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Collection, Iterator

from autograder.submission.cells import NotPython, parse
from autograder.submission.model import Notebook
from autograder.submission.slicing import is_long

_CUTOFF = 0.8  # corr2d_multi_out ~ corr2d_multi_in_out, and not conv2d ~ corr2d
_MAX_NAMES = 2_000
_MAX_NAME = 100


def near_names(notebook: Notebook, wanted: Collection[str]) -> dict[str, str]:
    """Wanted name that nothing defines -> the near name of a function or class.

    Letter case and underscores count for nothing, and a near name stands for one wanted name.
    """
    if is_long(notebook):
        return {}
    defined = dict.fromkeys(name for cell in notebook.cells for name in _bound(cell.source))
    missing = [name for name in wanted if name not in defined]
    candidates = [name for name in defined
                  if name not in wanted and len(name) <= _MAX_NAME][-_MAX_NAMES:]
    pairs = sorted(
        ((likeness, name, candidate) for name in missing for candidate in candidates
         if (likeness := _likeness(name, candidate)) >= _CUTOFF),
        reverse=True)
    near: dict[str, str] = {}
    for _, name, candidate in pairs:
        if name not in near and candidate not in near.values():
            near[name] = candidate
    return near


def _likeness(name: str, other: str) -> float:
    matcher = difflib.SequenceMatcher(None, _canonical(name), _canonical(other))
    return matcher.ratio() if matcher.quick_ratio() >= _CUTOFF else 0.0


def _canonical(name: str) -> str:
    return name.replace("_", "").casefold()


def _bound(source: str) -> Iterator[str]:
    """Names that a cell's module-level definitions bind, and assignments of functions."""
    try:
        waiting: list[ast.AST] = [parse(source)]
    except NotPython:  # how deep is too deep depends on who calls
        return
    while waiting:  # not by recursion: a student chose the depth
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            yield from (name.id for name in node.targets if isinstance(name, ast.Name))
        elif not isinstance(node, ast.Lambda):
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))
