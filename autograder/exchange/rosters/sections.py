"""Several sections of one person, as platforms write them in one cell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from autograder.exchange.rosters.entry import Entry

_BETWEEN = (", and ", " and ", ", ")
"""Canvas writes a sentence: ``A and B``, ``A, B, and C``. Moodle writes ``A, B``."""


def apart(entries: Sequence[Entry], known: Collection[str]) -> tuple[list[Entry], dict[str, str]]:
    """The lines of a list, each section by itself: ``A; B``, as the course's table has them.

    A name may have an "and" of its own. So a cell is taken apart only where every part is a section
    by itself: of somebody else in the list, or of those that the course has.

    Returns:
        The lines, and what was taken apart: the cell -> what it became.
    """
    names = {*known, *(entry.section for entry in entries)} - {""}
    found = {name: "; ".join(parts) for name in sorted(names)
             if len(parts := _parts(name, names - {name})) > 1}
    there = {entry.section for entry in entries}
    return ([replace(entry, section=found.get(entry.section, entry.section)) for entry in entries],
            {cell: parts for cell, parts in found.items() if cell in there})


def _parts(cell: str, names: Collection[str]) -> list[str]:
    """``cell`` as a row of ``names``; empty where it is none."""
    if cell in names:
        return [cell]
    for name in sorted(names):
        for between in _BETWEEN:
            if cell.startswith(name + between) and \
                    (others := _parts(cell.removeprefix(name + between), names)):
                return [name, *others]
    return []
