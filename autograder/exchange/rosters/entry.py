"""What a platform's list of people is: how it is known, and what a line of it says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from autograder.course.roster import said_of
from autograder.course.spreadsheets import Row
from autograder.names import shown

_FIRST_CHOICE = ("id", "login", "id_number", "roster", "email", "github")
"""What the course's id is made of where nobody says: the first of these that a list has, or else
any other id there."""


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
    def said(self) -> dict[str, str]:
        """Kind -> id: all that can only be this person."""
        return said_of(self.id, self.email, self.ids)

    @property
    def likely_ids(self) -> list[str]:
        """What the course could call somebody new, the best first; nothing where the line has no id
        at all. Of an address it is what stands before the @, or else the whole."""
        said = self.said
        kind = next((kind for kind in (*_FIRST_CHOICE, *said) if kind in said), None)
        if kind is None:
            return []
        return [said[kind].partition("@")[0], said[kind], f"{said[kind]}-{kind}"]

    @property
    def rank(self) -> int:
        """How sure what it would be called is its own: the less, the surer."""
        return next((rank for rank, kind in enumerate(_FIRST_CHOICE) if kind in self.said),
                    len(_FIRST_CHOICE))


class RosterKind(Protocol):
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
        """What a line says; None where it is about nobody. Raises ValueError as ``cell`` does."""


def cell(row: Row, *titles: str) -> str:
    """What a line has under the first of ``titles`` that is filled in; empty without one. Raises
    ValueError where that goes on over several lines."""
    return next((shown(word) for title in titles if (word := row.word(title))), "")


def full_name(row: Row) -> str:
    """The name, in one column or in two."""
    return cell(row, "full name", "name") or in_full(
        cell(row, "first name"), cell(row, "last name", "surname"))


def in_full(first: str, last: str) -> str:
    """A name as it is said: of one in Chinese characters the family's comes first."""
    is_chinese = first and last and all("\u3400" <= each <= "\u9fff" for each in first + last)
    return f"{last}{first}" if is_chinese else f"{first} {last}".strip()


def given(**ids: str) -> dict[str, str]:
    """The ids that are not empty."""
    return {kind: id for kind, id in ids.items() if id}
