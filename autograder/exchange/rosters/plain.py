"""A table like people.csv: an id, and whatever else it has."""

from __future__ import annotations

from collections.abc import Collection

from autograder.course.spreadsheets import Row
from autograder.exchange.rosters.entry import Entry, cell, full_name, given

IDS = ("login", "id_number", "sis_id", "canvas", "moodle", "roster", "github", "gitlab",
       "lti")
"""Columns that are other ids; of any other, nobody knows whether it is one."""

_KNOWN = {"id", "name", "full name", "first name", "last name", "surname", "email",
          "email address", "e-mail", "role", "section", "group", "team", *IDS}


class Plain:
    name = "plain"
    about = "a table with a column id"
    needs = "id"

    def fits(self, titles: Collection[str]) -> bool:
        return "id" in titles

    def entry(self, row: Row) -> Entry | None:
        return Entry(
            row, id=cell(row, "id"), name=full_name(row),
            email=cell(row, "email", "email address", "e-mail"), role=cell(row, "role").casefold(),
            section=cell(row, "section", "group"), team=cell(row, "team"),
            ids=given(**{kind: cell(row, kind) for kind in IDS}))


def not_taken(titles: Collection[str]) -> list[str]:
    """Columns of such a table that nothing is taken from."""
    return [title for title in titles if title and title not in _KNOWN]
