"""The course's people as a table: in a terminal, and for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from autograder.course.roster import Person, Roster
from autograder.course.spreadsheets import as_csv
from autograder.names import counted
from autograder.report.cells import safe_cell
from autograder.report.words import one_line

_HEADINGS = ("name", "id", "section", "team", "role", "e-mail", "other ids")


def people_table(roster: Roster) -> Table:
    """A line for each person; columns that are empty throughout are left out."""
    rows = [_cells(person) for person in roster.people.values()]
    used = [index for index, _ in enumerate(_HEADINGS) if any(row[index] for row in rows)]
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0),
                  caption=Text(counted(len(rows), "person", "people")), caption_justify="left")
    for index in used:
        table.add_column(_HEADINGS[index], overflow="fold")
    for row in rows:
        table.add_row(*(Text(one_line(row[index])) for index in used))
    return table


def people_csv(roster: Roster) -> str:
    """All that is known of everybody, safe to open in a spreadsheet."""
    people = list(roster.people.values())
    kinds = list(dict.fromkeys(kind for person in people for kind in person.ids))
    return as_csv([[*_HEADINGS[:-1], *map(safe_cell, kinds)], *(
        [*map(safe_cell, _cells(person)[:-1]),
         *(safe_cell(person.ids.get(kind, "")) for kind in kinds)] for person in people)])


def _cells(person: Person) -> tuple[str, ...]:
    return (person.name, person.id, person.section, person.team, person.role, person.email,
            ", ".join(_others(person)))


def _others(person: Person) -> Iterator[str]:
    """Ids elsewhere, but for what says the same as the id or the address."""
    return (f"{kind} {id}" for kind, id in person.ids.items() if id not in (person.id,
                                                                            person.email))
