"""GitHub Classroom's roster, and that of its successors."""

from __future__ import annotations

from collections.abc import Collection

from autograder.course.spreadsheets import Row
from autograder.exchange.rosters.entry import Entry, cell, full_name, given


class Classroom:
    """The identifier is what a teacher wrote there: an address, a number, or a name."""

    name = "classroom"
    about = "GitHub Classroom's roster"
    needs = "identifier and github_username"

    def fits(self, titles: Collection[str]) -> bool:
        return {"identifier", "github_username"} <= set(titles)

    def entry(self, row: Row) -> Entry | None:
        identifier, github = cell(row, "identifier"), cell(row, "github_username")
        is_address = "@" in identifier
        return Entry(row, name=full_name(row), email=identifier if is_address else "", ids=given(
            roster="" if is_address else identifier, github=github))
