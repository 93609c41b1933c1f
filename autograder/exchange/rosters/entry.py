"""What a platform's list of people is: how it is known, and what a line of it says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from autograder.course.spreadsheets import Row
from autograder.names import canonical, shown

_FIRST_CHOICE = ("login", "id_number", "email", "roster", "github")
"""What the course's id is made of where nobody says: the first of these that a list has, or else
any other id there. Of an address, it is what stands before the @."""


@dataclass(frozen=True)
class Entry:
    """A person as one line of a list says. What is empty, it does not say."""

    row: Row
    id: str = ""  # the course's own
    name: str = ""
    email: str = ""
    role: str = ""
    section: str = ""
    team: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)  # by who calls the person so

    @property
    def aliases(self) -> set[str]:
        """All that can only be this person, as spellings are compared."""
        return {canonical(each) for each in (self.id, self.email, *self.ids.values()) if each}

    @property
    def likely_id(self) -> str:
        """What the course would call the person; empty where the line has no id at all."""
        if self.id:
            return self.id
        known = {"email": self.email, **self.ids}
        first = (known.get(kind, "") for kind in (*_FIRST_CHOICE, *self.ids))
        return next(filter(None, first), "").partition("@")[0]


class Kind(Protocol):
    """A kind of list."""

    @property
    def name(self) -> str:
        """As ``--kind`` calls it."""

    @property
    def about(self) -> str:
        """What people know it as."""

    @property
    def needs(self) -> str:
        """The columns that it must have, for people."""

    def fits(self, titles: Collection[str]) -> bool:
        """Whether a table of these titles is such a list."""

    def entry(self, row: Row) -> Entry | None:
        """What a line says; None where it is about nobody."""


def cell(row: Row, *titles: str) -> str:
    """What a line has under the first of ``titles`` that is filled in; empty without one."""
    return next((shown(row.cells[title]) for title in titles if row.cells.get(title)), "")


def full_name(row: Row) -> str:
    """The name, in one column or in two."""
    return cell(row, "full name", "name") or " ".join(filter(None, (
        cell(row, "first name"), cell(row, "last name", "surname"))))


def given(**ids: str) -> dict[str, str]:
    """The ids that are not empty."""
    return {kind: id for kind, id in ids.items() if id}
