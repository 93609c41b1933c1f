"""Code as fingerprints that survive new names, comments and formatting, and another order of cells.

The method is winnowing (Schleimer, Wilkerson, Aiken: Winnowing: Local Algorithms for Document
Fingerprinting, SIGMOD 2003) over the nodes of the syntax tree instead of characters. Every run of
``GRAM`` nodes is hashed, and of every ``WINDOW`` hashes in a row the smallest is kept. What two
programs share in fewer than ``GRAM`` nodes is never seen, and what they share in at least
``GRAM + WINDOW - 1`` always is. Programs that do this (copydetect, say) read files of text, hold
each against each, and do not know what a class has in common.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import torch

from autograder.submission import Notebook, NotPython, parse

GRAM = 25
"""Nodes in one fingerprint: two or three lines of tensor code."""
WINDOW = 8
MAX_NODES = 100_000
"""Nodes of one submission; an assignment takes about 3 000."""

# A call keeps the name of what it calls where Python or torch gave it, and nobody can change it.
_GIVEN = frozenset(name for owner in (builtins, torch, torch.Tensor, torch.nn,
                                      torch.nn.functional) for name in dir(owner))
_SILENT = (ast.Import, ast.ImportFrom, ast.expr_context)
_UNREAD = {"annotation", "returns", "type_comment"}
_SPELLINGS = {"AnnAssign": "Assign", "AsyncFunctionDef": "FunctionDef", "JoinedStr": "Constant"}


class TooLong(Exception):
    """The notebook has too much code to compare."""


@dataclass(frozen=True)
class Place:
    """Where a node stands: a line, 1-based, of a code cell, 0-based."""

    cell: int
    line: int


@dataclass(frozen=True)
class Program:
    """A notebook's code as nodes, function by function, and the fingerprints of it."""

    places: tuple[Place, ...]  # of the nodes
    prints: tuple[tuple[int, int], ...]  # (hash, its first node), chosen by winnowing
    grams: frozenset[int]  # every hash, chosen or not


def program(notebook: Notebook) -> Program:
    """The fingerprints of ``notebook``; cells that do not parse have none.

    Raises:
        TooLong: it has more than ``MAX_NODES`` nodes.
    """
    places: list[Place] = []
    prints: list[tuple[int, int]] = []
    grams: set[int] = set()
    for cell in notebook.cells:
        for statements in _segments(_body(cell.source)):
            start = len(places)
            kinds: list[str] = []
            for kind, line in _nodes(statements):
                kinds.append(kind)
                places.append(Place(cell.index, cell.above + line))
                if len(places) > MAX_NODES:
                    raise TooLong(f"its code has more than {MAX_NODES} nodes of syntax")
            hashes = [_hash(kinds[first:first + GRAM])
                      for first in range(len(kinds) - GRAM + 1)]
            prints += [(hashes[first], start + first) for first in _winnowed(hashes)]
            grams.update(hashes)
    return Program(tuple(places), tuple(prints), frozenset(grams))


def _body(source: str) -> list[ast.stmt]:
    try:
        return parse(source).body
    except NotPython:  # how deep is too deep depends on who calls
        return []


def _segments(body: Sequence[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """Each function alone, and the statements between: the order of functions is no matter."""
    between = []
    for statement in body:
        if not isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            between.append(statement)
            continue
        yield between
        between = []
        if isinstance(statement, ast.ClassDef):
            yield from _segments(statement.body)
        else:
            yield [statement]
    yield between


def _nodes(statements: Sequence[ast.stmt]) -> Iterator[tuple[str, int]]:
    """(kind, line) of every node that means something, parents before children."""
    left: list[ast.AST] = list(reversed(statements))
    line = 1
    while left:
        node = left.pop()
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_text or isinstance(node, _SILENT):
            continue
        line = getattr(node, "lineno", line)
        yield _kind(node), line
        if not isinstance(node, ast.JoinedStr):
            left.extend(reversed(_children(node)))


def _children(node: ast.AST) -> list[ast.AST]:
    found: list[ast.AST] = []
    for name, value in ast.iter_fields(node):
        if name not in _UNREAD:
            found += [child for child in (value if isinstance(value, list) else [value])
                      if isinstance(child, ast.AST)]
    return found


def _kind(node: ast.AST) -> str:
    kind = type(node).__name__
    if isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return f"Call {called}" if called in _GIVEN else kind
    return _SPELLINGS.get(kind, kind)


def _hash(kinds: Sequence[str]) -> int:
    """The same in every process, other than Python's own."""
    return int.from_bytes(blake2b("\n".join(kinds).encode(), digest_size=8).digest(), "big")


def _winnowed(hashes: Sequence[int]) -> Iterator[int]:
    """Positions of the smallest of every window, of equal ones the last."""
    chosen = -1
    for start in range(max(1, len(hashes) - WINDOW + 1) if hashes else 0):
        window = range(start, min(start + WINDOW, len(hashes)))
        smallest = min(window, key=lambda position: (hashes[position], -position))
        if smallest != chosen:
            chosen = smallest
            yield chosen
