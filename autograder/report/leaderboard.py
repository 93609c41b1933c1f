"""The leaderboard, for a terminal, as a page, and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich import box
from rich.table import Table
from rich.text import Text

from autograder.gradebook.leaderboard import LeaderboardEntry
from autograder.report.pages import render
from autograder.report.words import one_line

TIMED = "Times the staff solution's time, measured in pairs; smaller is faster."
MEASURED = "Percent, measured by the grader on what nobody has seen; larger is better."


def table(entries: Sequence[LeaderboardEntry], title: str) -> Table:
    """One row for each entry, in their order."""
    found = Table(box=box.SIMPLE_HEAD, title=Text(one_line(title)), caption=explained(entries))
    for heading in ("question", "who", "result", "between", "device"):
        found.add_column(heading, justify="right" if heading in ("result", "between") else "left")
    for entry in entries:
        found.add_row(Text(one_line(entry.question)), Text(one_line(entry.alias)),
                      figure(entry), interval(entry), entry.device or "")
    return found


def page(entries: Sequence[LeaderboardEntry], title: str) -> str:
    return render("leaderboard.html.j2", entries=entries, title=title, interval=interval,
                  figure=figure, explained=explained(entries))


def as_json(entries: Sequence[LeaderboardEntry]) -> str:
    return json.dumps([asdict(entry) for entry in entries])


def explained(entries: Sequence[LeaderboardEntry]) -> str:
    """What the figures are."""
    measured = any(entry.percent is not None for entry in entries)
    timed = not measured or any(entry.ratio is not None for entry in entries)
    return " ".join([TIMED] * timed + [MEASURED] * measured)


def figure(entry: LeaderboardEntry) -> str:
    """What an entry is ranked by."""
    return f"{entry.percent} %" if entry.percent is not None else f"{entry.ratio:.2f}"


def interval(entry: LeaderboardEntry) -> str:
    return "{:.2f} to {:.2f}".format(*entry.interval) if entry.interval else ""
