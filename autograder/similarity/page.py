"""Submissions that share code: for a terminal, as a page with both side by side, for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.report.pages import render
from autograder.report.words import one_line
from autograder.similarity import Similarities, SimilarPair

EXPLAINED = ("Shared: how much of the student's own code stands in the other's submission too. "
             "Beyond: shared fingerprints, less what one of the two shares with other classmates "
             "on average. Alike is not copied: read both.")
_LINE_END = re.compile(r"\r\n|\r|\n")  # as Python counts lines
_LONGEST = 1_000  # lines of one listing; longer ones are cut, and say so


@dataclass(frozen=True)
class _Line:
    cell: int
    number: int
    text: str
    opens: tuple[int, ...]  # passages that begin here, numbered from 1
    within: tuple[int, ...]  # passages that it belongs to


@dataclass(frozen=True)
class _Listing:
    lines: tuple[_Line, ...]
    is_cut: bool


def table(similarities: Similarities) -> RenderableType:
    """One row for each pair, and what to keep in mind."""
    found = Table(box=box.SIMPLE_HEAD)
    for heading in ("student", "shared", "student", "shared", "lines", "beyond"):
        found.add_column(heading, justify="left" if heading == "student" else "right",
                         overflow="fold", no_wrap=heading != "student")
    for pair in similarities.pairs:
        found.add_row(*(cell for side in pair.sides
                        for cell in (Text(one_line(side.student)), f"{side.share:.0%}")),
                      lines(pair), f"{beyond(pair):.0f}")
    shown: list[RenderableType] = [Text(summary(similarities))]
    if similarities.pairs:
        shown = [found, Text(EXPLAINED, style="dim"), *shown]
    return Group(*shown)


def page(similarities: Similarities, title: str) -> str:
    return render("similarity.html.j2", similarities=similarities, title=title, lines=lines,
                  beyond=beyond, listing=_listing, explained=EXPLAINED,
                  summary=summary(similarities))


def as_json(similarities: Similarities) -> str:
    """Everything but the code."""
    record = asdict(similarities)
    for pair in record["pairs"]:
        for side in pair["sides"]:
            del side["cells"]
    return json.dumps(record)


def lines(pair: SimilarPair) -> str:
    one, other = (side.lines for side in pair.sides)
    return str(one) if one == other else f"{one} and {other}"


def beyond(pair: SimilarPair) -> float:
    """Shared fingerprints that nothing known explains."""
    return pair.shared - pair.expected


def summary(similarities: Similarities) -> str:
    said = [f"submissions compared: {similarities.compared}",
            f"pairs above the threshold: {similarities.found}"]
    if similarities.found > len(similarities.pairs):
        said.append(f"shown: {len(similarities.pairs)}")
    if similarities.short:
        said.append(f"too little own code to say anything: {similarities.short}")
    if similarities.skipped:
        said.append(f"not compared: {len(similarities.skipped)}")
    return ", ".join(said)


def _listing(pair: SimilarPair, side: int) -> _Listing:
    """The cells with passages of one of the two."""
    found = list(_lines(pair, side))
    return _Listing(tuple(found[:_LONGEST]), len(found) > _LONGEST)


def _lines(pair: SimilarPair, side: int) -> Iterator[_Line]:
    opens: dict[tuple[int, int], list[int]] = {}
    within: dict[tuple[int, int], list[int]] = {}
    for number, passage in enumerate(pair.passages, 1):
        span = passage.spans[side]
        opens.setdefault((span.cell, span.first), []).append(number)
        for place in span.lines():
            within.setdefault(place, []).append(number)
    for cell in pair.sides[side].cells:
        begun = False
        for number, text in enumerate(_LINE_END.split(cell.source), cell.above + 1):
            begun = begun or bool(text.strip())
            if begun:
                place = (cell.index, number)
                yield _Line(*place, text, tuple(opens.get(place, ())),
                            tuple(within.get(place, ())))
