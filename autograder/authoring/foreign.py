"""What other programs take out of a notebook before students get it, and we would leave in.

Who moves a notebook here brings markers along that mean *not for students*: hidden tests, mark
schemes, solutions, cells with a tag. ``build`` takes none of them out, and so publishes none: each
is an error that says what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jupytext

STAFF = "staff"
"""The tag of cells that stay at home."""

_AT_HOME = f"tag its cell {STAFF!r}, which keeps it at home"
_SUITE = f"write its tests as checks of the hidden suite, in tests/hidden/, or {_AT_HOME}"
_BETWEEN = "put the solution between '### BEGIN SOLUTION' and '### END SOLUTION'"

_MARKS: tuple[tuple[str, str, str], ...] = (
    (r"(?:BEGIN|END)\s+HIDDEN\s+TESTS?\b", "nbgrader's hidden tests", _SUITE),
    (r"(?:BEGIN|END)\s+MARK\s+SCHEME\b", "nbgrader's mark scheme",
     f"write it as the rubric of a question of kind text in grader.toml, or {_AT_HOME}"),
    (r"^\s*#+\s*HIDDEN(?:\s+TESTS?)?\s*$", "otter's hidden test", _SUITE),
    (r"^\s*#+\s*(?:BEGIN|END)\s+TESTS?\b", "otter's tests", _SUITE),
    (r"^\s*#+\s*(?:BEGIN|END)\s+SOLUTION\b", "otter's solution", _BETWEEN),
    (r"#\s*SOLUTION(?:\s+NO\s+PROMPT)?\s*:?\s*$", "otter's solution", _BETWEEN),
    (r"#\s*(?:(?:BEGIN|END)\s+)?IGNORE\s*(?:##)?\s*$", "otter's line to be ignored", _AT_HOME),
    (r"#\s*SEED\s*$", "otter's seed", f"take the seed out, or {_AT_HOME}"),
    (r"^\s*#+\s*ASSIGNMENT\s+CONFIG\b", "otter's settings of an assignment",
     f"write them in grader.toml, or {_AT_HOME}"),
    (r"^\s*#+\s*(?:BEGIN|END)\s+QUESTION\b", "otter's settings of a question",
     f"write them in grader.toml, or {_AT_HOME}"),
)
_PATTERNS = tuple((re.compile(pattern), name, remedy) for pattern, name, remedy in _MARKS)
# nbgrader's words in any case: it knows them as parts of a line.
_LOOSE = tuple((re.compile(pattern, re.IGNORECASE), name, remedy)
               for pattern, name, remedy in _MARKS[:2])

_TAGS = re.compile(r"(?:remove|hide)[-_](?:cell|input|output)s?|hidden|hide|solution|instructor"
                   r"|otter_assign_solution_cell|otter_ignore", re.IGNORECASE)
_TITLE = re.compile(r"#\s*%%")
_COMMENT = re.compile(r"#\s?")


@dataclass(frozen=True)
class Marker:
    """One marker: its line, counted from 1, what it is, and what to write instead."""

    line: int
    problem: str
    remedy: str


def places(lines: Sequence[str], solved: Collection[int] = ()) -> Iterator[Marker]:
    """Every foreign marker in a master that students would receive.

    Args:
        solved: numbers of the lines between our own markers, which no student receives.
    """
    starts = [number for number, text in enumerate(lines) if _TITLE.match(text)]
    if not starts or starts[0] > 0:
        starts.insert(0, 0)
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        cell = jupytext.reads("\n".join(lines[start : start + 1]), fmt="py:percent").cells
        metadata = cell[0].metadata if cell and _TITLE.match(lines[start]) else {}
        if STAFF in metadata.get("tags", ()):
            continue
        yield from (Marker(start + 1, *said) for said in _marked(metadata))
        is_code = not cell or cell[0].cell_type == "code" or not _TITLE.match(lines[start])
        for number in range(start, end):
            if number + 1 not in solved:
                text = lines[number] if is_code else _COMMENT.sub("", lines[number], count=1)
                yield from (Marker(number + 1, *said) for said in found(text))


def found(text: str) -> list[tuple[str, str]]:
    """What a line of a cell marks, and what to write instead; at most one."""
    for pattern, name, remedy in (*_PATTERNS, *_LOOSE):
        if (match := pattern.search(text)) is not None:
            return [(f"students would read {match[0].strip()!r}, {name}", remedy)]
    return []


def _marked(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a cell's metadata marks."""
    for tag in metadata.get("tags", ()):
        if _TAGS.fullmatch(str(tag)):
            yield (f"students would receive this cell, which is tagged {tag!r}",
                   f"tag it {STAFF!r} to keep it at home, or take the tag away")
    theirs = metadata.get("nbgrader")
    if isinstance(theirs, Mapping) and (
            theirs.get("locked") or (theirs.get("grade") and not theirs.get("solution"))):
        yield "students would receive this cell, which nbgrader knows as tests", _SUITE
    sphinx = metadata.get("nbsphinx")
    if sphinx == "hidden":
        yield ("students would receive this cell, which nbsphinx hides",
               f"tag it {STAFF!r} to keep it at home, or take nbsphinx's word away")
