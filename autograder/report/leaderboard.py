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

EXPLAINED = "Times the staff solution's time, measured in pairs; smaller is faster."


def table(entries: Sequence[LeaderboardEntry], title: str) -> Table:
    """One row for each entry, in their order."""
    found = Table(box=box.SIMPLE_HEAD, title=Text(one_line(title)), caption=EXPLAINED)
    for heading in ("question", "who", "ratio", "between", "device"):
        found.add_column(heading, justify="right" if heading in ("ratio", "between") else "left")
    for entry in entries:
        found.add_row(Text(one_line(entry.question)), Text(one_line(entry.alias)),
                      f"{entry.ratio:.2f}", interval(entry), entry.device)
    return found


def page(entries: Sequence[LeaderboardEntry], title: str) -> str:
    return render("leaderboard.html.j2", entries=entries, title=title, interval=interval,
                  explained=EXPLAINED)


def as_json(entries: Sequence[LeaderboardEntry]) -> str:
    return json.dumps([asdict(entry) for entry in entries])


def interval(entry: LeaderboardEntry) -> str:
    return "{:.2f} to {:.2f}".format(*entry.interval)
