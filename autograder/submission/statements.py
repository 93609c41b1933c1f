"""A notebook by its statements: each runs by itself, so that one that fails costs no other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from autograder.submission.cells import NotPython, first_line, lines_of, parse
from autograder.submission.model import Cell, Notebook
from autograder.submission.remembered import remembered
from autograder.submission.slicing import is_long

_MOST = 5_000  # of one notebook


def divided(notebook: Notebook) -> Notebook:
    """``notebook`` with each cell divided into its statements; as it is where that is too many."""
    if is_long(notebook):
        return notebook
    parts = [part for cell in notebook.cells for part in _parts(cell)]
    return replace(notebook, cells=tuple(parts)) if len(parts) <= _MOST else notebook


def _parts(cell: Cell) -> Iterator[Cell]:
    for text, above in _pieces(cell.source):
        yield Cell(cell.index, text, cell.above + above)


@remembered(1024)
def _pieces(source: str) -> tuple[tuple[str, int], ...]:
    """Each statement, and the lines above it. Those that share a line stay together; so do imports,
    and what is too deep to be looked into here."""
    try:
        body = parse(source).body
    except NotPython:
        return ((source, 0),)
    starts: list[int] = []
    before: ast.stmt | None = None
    for statement in body:
        first = first_line(statement)
        shares = before is not None and first <= (before.end_lineno or first)
        if not shares and not (_is_import(statement) and before and _is_import(before)):
            starts.append(first - 1)
        before = statement
    lines = lines_of(source)
    found = tuple(("\n".join(lines[start:end]).rstrip(), start)
                  for start, end in zip(starts, [*starts, len(lines)][1:], strict=True))
    # Where one statement shares a line with another in a way of its own, nothing is divided.
    whole = sum(_statements(text) for text, _ in found) == len(body)
    return found if whole else ((source, 0),)


def _statements(text: str) -> int:
    try:
        return len(parse(text).body)
    except NotPython:
        return -1


def _is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom)
