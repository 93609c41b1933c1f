"""Matches the names that people type into grader.toml with those that programs wrote elsewhere."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from autograder.names import canonical, shown

_AnyEntry = TypeVar("_AnyEntry")


def entry(table: Mapping[str, _AnyEntry], student: str) -> _AnyEntry | None:
    """What a table says of ``student``, by whatever spelling that can only be theirs."""
    if student in table or not table:
        return table.get(student)
    wanted = canonical(student)
    return next((value for name, value in table.items() if canonical(name) == wanted), None)


def alike(names: Iterable[str]) -> tuple[str, str] | None:
    """Two of ``names`` that are one student's; None where there are no such two."""
    known: dict[str, str] = {}
    for name in names:
        if (before := known.setdefault(canonical(name), name)) != name:
            return before, name
    return None


def near(name: str, known: Iterable[str], most: int = 1) -> list[str]:
    """Those of ``known`` that ``name`` may be a slip for, the likeliest first. None for a number:
    most numbers are all but somebody's."""
    if name.isdigit():
        return []
    known = list(known)
    swapped = [each for each in known if _is_swapped(name, each)]  # far, where a name is short
    return list(dict.fromkeys(
        [*swapped, *difflib.get_close_matches(name, known, most, 0.75)]))[:most]


def _is_swapped(one: str, other: str) -> bool:
    """Whether two neighbouring letters stand the other way round, and nothing else is different."""
    at = [place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    return len(one) == len(other) and len(at) == 2 and at[1] == at[0] + 1 \
        and (one[at[0]], one[at[1]]) == (other[at[1]], other[at[0]])


def not_later(
    extensions: Mapping[str, Mapping[str, datetime]], assignment: str, due: datetime | None
) -> list[str]:
    """The extensions that give nobody more time: a line each. The due date counts then."""
    return [
        f"extensions.{shown(student)}: {dates[assignment].isoformat()} is not later than the due "
        f"date, {due.isoformat()}, which counts; give a later one, or take it away"
        for student, dates in extensions.items()
        if due is not None and assignment in dates and dates[assignment] < due]


def strangers(wanted: Iterable[str], students: Collection[str]) -> tuple[list[str], list[str]]:
    """Of the names that grader.toml or a table knows, those that are nobody's of ``students``.

    Returns:
        A line for each that is all but somebody's, whom nothing else is said of; and the others.
    """
    said = {canonical(name): name for name in wanted}
    present = {canonical(student): student for student in students}
    free = [name for name in present if name not in said]
    typed, others = [], []
    for name in (name for name in said if name not in present):
        if found := near(name, free, most=3):
            meant = " or ".join(repr(shown(present[each])) for each in found)
            typed.append(f"{shown(said[name])!r} is nobody here; did you mean {meant}?")
        else:
            others.append(said[name])
    return typed, others
