"""A student's own definitions, as syntax trees that can be edited and written out again.

A student chose how long and how deep they are: what is larger than ``MOST_NODES`` is left alone,
and every walk here is a loop.
"""

from __future__ import annotations

import ast
import builtins
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from autograder.submission import Notebook, NotPython, parse
from autograder.submission.slicing import is_long

MOST_NODES = 1_500
"""Nodes of a definition that is looked into: some hundred lines."""

_LONGEST = 20_000  # characters of a definition that is written out
_MOST = 40  # definitions that are looked into, the nearest

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False)
class Definition:
    """A function or class of the notebook. ``steps``: 0 for a graded one, 1 for one that it uses,
    and so on."""

    name: str
    cell: int  # among the notebook's code cells, 0-based
    is_script: bool  # so that nobody knows of a cell
    node: ast.FunctionDef | ast.ClassDef
    steps: int
    source: str  # as Python writes it
    outside: frozenset[str] = field(repr=False)  # names that the notebook binds at its top level

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.node))

    @cached_property
    def parents(self) -> dict[ast.AST, tuple[ast.AST, str]]:
        """Node -> what it stands in, and in which field."""
        return {child: (node, name) for node in self.nodes
                for name, value in ast.iter_fields(node)
                for child in (value if isinstance(value, list) else [value])
                if isinstance(child, ast.AST)}

    @cached_property
    def functions(self) -> list[ast.FunctionDef]:
        """The function itself, or a class's methods; and those defined inside."""
        return [node for node in self.nodes if isinstance(node, ast.FunctionDef)]

    @cached_property
    def guards(self) -> dict[ast.AST, ast.stmt]:
        """All that belongs to a refusal, and the refusal: ``assert``, ``raise``, and an ``if`` that
        only raises."""
        tops = [node for node in self.nodes if isinstance(node, ast.Raise | ast.Assert)
                or (isinstance(node, ast.If) and not node.orelse
                    and all(isinstance(each, ast.Raise) for each in node.body))]
        return {inside: top for top in reversed(tops) for inside in ast.walk(top)}

    @cached_property
    def conditions(self) -> set[ast.AST]:
        """All conditions by which a branch is chosen. One that always holds, or never, would only
        let the other branch take over."""
        return {inside for node in self.nodes if isinstance(node, ast.If | ast.IfExp)
                for inside in ast.walk(node.test) if inside not in self.guards}

    @cached_property
    def undefined(self) -> list[str]:
        """Names that are read and that nothing binds, in their order."""
        bound = self.outside.union(dir(builtins), (each.name for each in self.functions), {
            self.name}, *(names_in(each) for each in self.functions), _bound(self.nodes))
        read = (node.id for node in self.nodes
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
        return [] if "*" in self.outside else list(dict.fromkeys(
            name for name in read if name not in bound))

    def within(self, node: ast.AST) -> Iterator[ast.AST]:
        """``node``, and what it stands in, from inside to outside."""
        while node is not self.node:
            yield node
            node = self.parents[node][0]
        yield node

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that ``node`` belongs to, or is."""
        return next((each for each in self.within(node) if isinstance(each, ast.stmt)), self.node)

    def function(self, node: ast.AST) -> FunctionNode | None:
        """The innermost function that ``node`` stands in."""
        return next((each for each in self.within(node) if isinstance(each, FunctionNode)
                     and each is not node), None)


def written(node: ast.AST) -> str | None:
    """A definition as Python writes it; None where that is too long, or cannot be done."""
    try:
        text = ast.unparse(node)
    except (ValueError, RecursionError, MemoryError):  # a number of too many digits, say
        return None
    return text if len(text) <= _LONGEST else None


def names_in(function: ast.AST) -> list[str]:
    """Parameters of a function, but for ``self``, and the variables that it sets, in order."""
    nodes = list(ast.walk(function))
    parameters = [node.arg for node in nodes if isinstance(node, ast.arg) and node.arg != "self"]
    return list(dict.fromkeys([*parameters, *_bound(nodes)]))


def parameters(function: ast.FunctionDef) -> list[str]:
    given = function.args
    return [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)
            if each.arg not in ("self", "cls")]


def definitions(notebook: Notebook, own: Sequence[str], others: Collection[str]
                ) -> list[Definition]:
    """The definitions of ``own`` names, and of functions that these use, nearest first; none that
    is too large, and so many at most. ``others``: names that are left alone with all that they
    use."""
    if is_long(notebook):
        return []
    found: dict[str, tuple[int, ast.FunctionDef | ast.ClassDef]] = {}
    outside: set[str] = set()
    for cell in notebook.cells:
        try:
            tree = parse(cell.source)
        except NotPython:
            continue
        for statement in tree.body:
            ast.increment_lineno(statement, cell.above)
            if isinstance(statement, ast.FunctionDef | ast.ClassDef):
                found[statement.name] = cell.index, statement
                outside.add(statement.name)
            else:
                outside.update(_bound(ast.walk(statement)))
    bound = frozenset(outside)  # one for all of them
    chosen: dict[str, Definition] = {}
    waiting = deque((name, 0) for name in own)
    while waiting and len(chosen) < _MOST:
        name, steps = waiting.popleft()
        if name in chosen or name not in found or (steps and name in others):
            continue
        cell_index, node = found[name]
        is_large = next(islice(ast.walk(node), MOST_NODES, None), None) is not None
        source = None if is_large else written(node)
        if source is None:
            continue
        chosen[name] = definition = Definition(
            name, cell_index, notebook.is_script, node, steps, source, bound)
        waiting += [(each.id, steps + 1) for each in definition.nodes
                    if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)]
    return list(chosen.values())


def _bound(nodes: Collection[ast.AST] | Iterator[ast.AST]) -> Iterator[str]:
    """Names that are set, and imported; ``*`` where nobody knows which."""
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((alias.asname or alias.name).split(".")[0] for alias in names)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.ExceptHandler(name=str(name)):
                yield name
