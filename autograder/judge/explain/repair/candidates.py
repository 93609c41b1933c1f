"""What is tried, in which order: the likeliest and smallest first."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, takewhile

from autograder.judge.explain.repair.definitions import Definition
from autograder.judge.explain.repair.editing import Edit
from autograder.judge.explain.repair.expressions import of_expressions
from autograder.judge.explain.repair.statements import of_definition, of_statements
from autograder.protocol import Raised
from autograder.result import RepairKind as Kind

_MOST_EDITS = 6_000  # that are thought of; a student chose how many there could be
_ELSEWHERE = 1.0  # the cost of another line than the one that raised
_HELPER = 0.3
_GUARD = 2.0  # wrong values do not come from refusals
_EVERYWHERE = 0.4

_TOLD = (  # what an exception's text says of its cause, and what that makes cheap
    (Kind.PAIR, ("cannot unpack non-iterable int", "'int' object is not subscriptable")),
    (Kind.DEFAULT, ("missing 1 required positional argument",)),
    (Kind.NUMPY, ("'numpy.ndarray' object", "numpy.ndarray")),
    (Kind.PARAMETER, ("cannot assign", "state_dict")),
)


@dataclass(frozen=True)
class Clue:
    """Where and how the code raised."""

    cell: int | None = None
    line: int | None = None
    message: str = ""

    @classmethod
    def of(cls, raised: Raised | None) -> Clue:
        return cls() if raised is None else cls(raised.cell, raised.line, raised.message)


def edits(
    definitions: Sequence[Definition], clue: Clue, is_over: Callable[[], bool]
) -> list[Edit]:
    """All edits of these definitions, the cheapest first; of equal ones those that come first.
    Those alone that were thought of before ``is_over``."""
    found = [_priced(edit, clue) for edit in islice(takewhile(
        lambda _: not is_over(), _all(definitions, is_over)), _MOST_EDITS)]
    return sorted([*found, *_everywhere(found)], key=lambda edit: edit.cost)


def _all(definitions: Sequence[Definition], is_over: Callable[[], bool]) -> Iterator[Edit]:
    for definition in definitions:
        yield from chain(of_definition(definition), of_statements(definition),
                         of_expressions(definition, is_over))


def _priced(edit: Edit, clue: Clue) -> Edit:
    definition, more = edit.definition, _HELPER * edit.definition.steps
    if isinstance(edit.places[0], ast.expr) \
            and isinstance(definition.statement(edit.places[0]), ast.For):
        edit = replace(edit, kind=Kind.LOOP)
    cheap = next((kind for kind, texts in _TOLD if any(t in clue.message for t in texts)), None)
    if edit.kind is cheap:
        return replace(edit, cost=0.3 + more)
    refusal = definition.guards.get(edit.places[0])
    lines = (edit.line, edit.line) if refusal is None else (refusal.lineno, refusal.end_lineno or 0)
    at_clue = clue.line is not None and clue.cell in (definition.cell, None) \
        and lines[0] <= clue.line <= lines[1]
    if clue.line is not None and not at_clue:
        more += _ELSEWHERE
    if refusal is not None and not at_clue:
        more += _GUARD
    return edit.costing(more)


def _everywhere(found: Iterable[Edit]) -> Iterator[Edit]:
    """The same slip at every such place, as one edit."""
    groups: defaultdict[tuple[object, ...], list[Edit]] = defaultdict(list)
    for edit in found:
        if edit.slip is not None:
            groups[edit.definition, edit.kind, edit.slip].append(edit)
    for same in groups.values():
        if len(same) > 1:
            first = min(same, key=lambda edit: edit.cost)
            yield replace(first, cost=first.cost + _EVERYWHERE,
                          places=tuple(place for edit in same for place in edit.places),
                          swaps=tuple(swap for edit in same for swap in edit.swaps))
