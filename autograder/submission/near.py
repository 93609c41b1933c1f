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


def near_names(
    notebook: Notebook, wanted: Collection[str], variables: Collection[str] = ()
) -> dict[str, str]:
    """Wanted name that nothing defines -> the near name of a function or class, or, of
    ``variables`` among the wanted, of whatever is assigned.

    Letter case and underscores count for nothing, and a near name stands for one wanted name.
    """
    if is_long(notebook):
        return {}
    defined = dict(each for cell in notebook.cells for each in _bound(cell.source))
    missing = [name for name in wanted if name not in defined]
    candidates = [(name, is_code) for name, is_code in defined.items()
                  if name not in wanted and len(name) <= _MAX_NAME][-_MAX_NAMES:]
    pairs = sorted(
        ((likeness, name, candidate) for name in missing for candidate, is_code in candidates
         if (is_code or name in variables) and (likeness := _likeness(name, candidate)) >= _CUTOFF),
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


def _bound(source: str) -> Iterator[tuple[str, bool]]:
    """Names that a cell binds at its module's level, and whether to a function or a class."""
    try:
        waiting: list[ast.AST] = [parse(source)]
    except NotPython:  # how deep is too deep depends on who calls
        return
    while waiting:  # not by recursion: a student chose the depth
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, True
        elif isinstance(node, ast.Assign):
            yield from ((name.id, isinstance(node.value, ast.Lambda))
                        for name in node.targets if isinstance(name, ast.Name))
        elif not isinstance(node, ast.Lambda):
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))
