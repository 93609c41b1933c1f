"""Moodle's lists: of participants, and the grading worksheet of an assignment."""

from __future__ import annotations

from collections.abc import Collection

from autograder.course.spreadsheets import Row
from autograder.exchange.rosters.entry import Entry, cell, full_name, given


class MoodleList:
    """A worksheet numbers its participants, and so do the names of what is downloaded. Moodle
    numbers them anew in each assignment."""

    name = "moodle"
    about = "Moodle's participants or grading worksheet"
    needs = "Email address, or Identifier and Full name"

    def fits(self, titles: Collection[str]) -> bool:
        return "id" not in titles and (
            "email address" in titles or {"identifier", "full name"} <= set(titles))

    def entry(self, row: Row) -> Entry | None:
        return Entry(
            row, name=full_name(row), email=cell(row, "email address"),
            section=cell(row, "groups", "group"), ids=given(
                moodle=cell(row, "identifier").removeprefix("Participant ").strip(),
                id_number=cell(row, "id number"), login=cell(row, "username")))
