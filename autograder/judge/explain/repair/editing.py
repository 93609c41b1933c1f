"""An edit of a definition's syntax tree: made in place, and unmade."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from autograder.judge.explain.repair.definitions import Definition, written
from autograder.result import RepairKind


@dataclass(frozen=True, eq=False)
class Swap:
    """``new`` where ``old`` stands: a field's value, or one element of a list."""

    owner: ast.AST
    field: str
    old: Any
    new: Any

    def make(self) -> None:
        self._put(self.old, self.new)

    def unmake(self) -> None:
        self._put(self.new, self.old)

    def _put(self, old: Any, new: Any) -> None:
        value = getattr(self.owner, self.field)
        if isinstance(value, list) and not isinstance(old, list):
            value[next(place for place, each in enumerate(value) if each is old)] = new
        else:
            setattr(self.owner, self.field, new)


@dataclass(frozen=True, eq=False)
class Edit:
    """A small change of one definition."""

    kind: RepairKind
    cost: float
    definition: Definition
    places: tuple[ast.AST, ...]  # what it is about: the statements and the line it is told by
    swaps: tuple[Swap, ...] = ()
    above: str = ""  # a line that has to stand above the definition
    slip: tuple[object, ...] | None = None  # equal for the same change of several places
    at_end: bool = False  # it is about where the place ends

    @property
    def line(self) -> int:
        """The line of the student's cell, 1-based."""
        lines = (getattr(each, "end_lineno" if self.at_end else "lineno", None)
                 for each in self.definition.within(self.places[0]))
        return next(int(line) for line in lines if line)

    @property
    def statements(self) -> frozenset[ast.AST]:
        return frozenset(map(self.definition.statement, self.places))

    def costing(self, more: float) -> Edit:
        return replace(self, cost=self.cost + more)

    @contextmanager
    def made(self) -> Iterator[None]:
        """Meanwhile, the definition is the edited one."""
        done: list[Swap] = []
        try:
            for swap in self.swaps:
                swap.make()
                done.append(swap)
            yield
        finally:
            for swap in reversed(done):
                swap.unmake()

    def text(self) -> str | None:
        """The edited definition, as it is sent; None where it cannot be written."""
        with self.made():
            text = written(self.definition.node)
        return text if text is None or not self.above else f"{self.above}\n{text}"


def put(definition: Definition, old: ast.AST, new: ast.AST) -> Swap:
    """``new`` in the place of ``old``."""
    owner, field = definition.parents[old]
    return Swap(owner, field, old, new)


def listed(owner: ast.AST, field: str, new: Sequence[Any]) -> Swap:
    """A whole list, in the place of the one that is there."""
    return Swap(owner, field, getattr(owner, field), list(new))


def expression(text: str) -> ast.expr:
    """An expression of our own making, which stands in no line of the student's."""
    made = ast.parse(text, mode="eval").body
    _unplace(made)
    return made


def statement(text: str) -> ast.stmt:
    made = ast.parse(text).body[0]
    _unplace(made)
    return made


def assignment(target: ast.expr, value: ast.expr) -> ast.Assign:
    """``target = value``, where both are the student's."""
    return ast.Assign([target], value, lineno=0)


def _unplace(made: ast.AST) -> None:
    for node in ast.walk(made):
        if "lineno" in node._attributes:
            setattr(node, "lineno", 0)  # noqa: B010  # of those nodes that have one
