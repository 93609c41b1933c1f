"""From a list of people to the course's table: who is new, who changed, who is no longer there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.course.roster import ROLES, Person, Roster
from autograder.exchange.format import ExchangeError
from autograder.exchange.rosters.entry import Entry
from autograder.names import canonical, student_id

_SEVERAL = ("moodle",)
"""What knows a person by several ids: Moodle numbers its participants anew in each assignment."""


@dataclass(frozen=True)
class Merged:
    """The course's people after an import. Those who are ``missing`` from the list are among them,
    unless they were to go. ``alike`` are somebody who was there and somebody new of the same name,
    with no id in common: one person, or two."""

    people: tuple[Person, ...]
    new: tuple[Person, ...]
    changed: tuple[Person, ...]
    missing: tuple[Person, ...]
    alike: tuple[tuple[Person, Person], ...] = ()


def merge(roster: Roster, entries: Sequence[Entry], *, id_column: str | None = None,
          remove_missing: bool = False) -> Merged:
    """The people of ``roster`` with what a list says of them, and those that only the list knows.

    What a line leaves empty stays as it is. Staff are never missing.

    Args:
        id_column: the column that new people's ids are taken from.

    Raises:
        ExchangeError: two lines are one person's, or one line is two people's; an id is none; there
            is no such column; more than half of the students were to go.
    """
    _there(id_column, entries)
    _apart(entries)
    lines: dict[str, Entry] = {}  # id -> the line that is that person's
    for entry in entries:
        id = _id(entry, roster, id_column)
        before = lines.setdefault(id, entry)
        if before is not entry:
            raise ExchangeError(f"lines {before.row.line} and {entry.row.line} are both {id!r}; "
                                "keep one of them, or say by --id which column tells them apart")
    updated = {id: _updated(roster.person(id), entry) for id, entry in lines.items()}
    missing = [person for person in roster.students if person.id not in lines]
    if remove_missing and 2 * len(missing) > len(roster.students):
        raise ExchangeError(
            f"{len(missing)} of {len(roster.students)} students are not in it, and more than half "
            "are not taken out at once; if it is the right list, import it without "
            "--remove-missing, and take their lines out of the table by hand")
    gone = {person.id for person in missing} if remove_missing else set()
    people = [updated.get(person.id, person) for person in roster.people.values()
              if person.id not in gone]
    new = [updated[id] for id in lines if id not in roster.people]
    _each_known_by_their_own([*people, *new], lines)
    return Merged((*people, *new), tuple(new), tuple(
        person for person in people if person != roster.people[person.id]), tuple(missing),
        tuple((known, person) for person in new for known in people
              if person.name and canonical(known.name) == canonical(person.name)))


def _there(column: str | None, entries: Sequence[Entry]) -> None:
    """Raises ExchangeError where no line has a column of that title."""
    titles = dict.fromkeys(title for entry in entries for title in entry.row.cells if title)
    if column is not None and _title(column) not in titles:
        raise ExchangeError(f"there is no column {column!r}; there are: {', '.join(titles)}")


def _title(column: str) -> str:
    """As tables spell titles that were read."""
    return column.strip().casefold()


def _apart(entries: Iterable[Entry]) -> None:
    """Raises ExchangeError where two lines have an id or an address in common."""
    known: dict[str, Entry] = {}
    for entry in entries:
        for alias in sorted(entry.aliases):
            before = known.setdefault(alias, entry)
            if before is not entry:
                raise ExchangeError(f"lines {before.row.line} and {entry.row.line} both have "
                                    f"{alias!r}; keep one of them")


def _id(entry: Entry, roster: Roster, column: str | None) -> str:
    """Who a line is about: somebody who is known by one of its ids, or else somebody new."""
    line = f"line {entry.row.line}"
    known = {person.id for alias in entry.aliases if (person := roster.find(alias)) is not None}
    if len(known) > 1:
        raise ExchangeError(f"{line}: is both {' and '.join(map(repr, sorted(known)))} of the "
                            "course's people; make them one there")
    if known:
        return known.pop()
    id = student_id(_said(entry, column)) if _said(entry, column) else ""
    if not id:
        raise ExchangeError(f"{line}: has nothing to make an id of; fill in "
                            f"{column or 'an id or an e-mail address'}, or take the line out")
    person = roster.find(id)
    if person is not None and (other := _contradiction(person, entry)):
        raise ExchangeError(f"{line}: would be {id!r}, who is somebody else in the course, by "
                            f"{other}; say by --id which column tells them apart")
    return id if person is None else person.id


def _said(entry: Entry, column: str | None) -> str:
    return entry.likely_id if column is None else entry.row.cells.get(_title(column), "")


def _contradiction(person: Person, entry: Entry) -> str:
    """What one who is only called alike is known by, and the line says otherwise of."""
    before = {"e-mail": person.email, **person.ids}
    now = {"e-mail": entry.email, **entry.ids}
    return next((f"{kind} {before[kind]!r}" for kind in now if kind not in _SEVERAL
                 and now[kind] and before.get(kind)
                 and canonical(now[kind]) != canonical(before[kind])), "")


def _updated(person: Person, entry: Entry) -> Person:
    if entry.role and entry.role not in ROLES:
        raise ExchangeError(f"line {entry.row.line}: the role {entry.role!r} is none; write "
                            f"{' or '.join(ROLES)}")
    return replace(
        person, name=entry.name or person.name, email=entry.email or person.email,
        role=entry.role or person.role, section=entry.section or person.section,
        team=entry.team or person.team, ids=_ids(person, entry))


def _ids(person: Person, entry: Entry) -> Mapping[str, str]:
    ids = dict(person.ids)
    for kind, id in entry.ids.items():
        if kind not in _SEVERAL:
            ids[kind] = id
        elif id not in ids.values():
            names = (kind, *(f"{kind}_{number}" for number in range(2, len(ids) + 3)))
            ids[next(name for name in names if name not in ids)] = id
    return ids


def _each_known_by_their_own(people: Iterable[Person], lines: Mapping[str, Entry]) -> None:
    """Raises ExchangeError where an id or address that a line gives somebody is another's."""
    known: dict[str, Person] = {}
    for person in people:
        for alias in person.aliases:
            other = known.setdefault(alias, person)
            if other is not person:
                said = next(lines[each.id].row.line for each in (person, other)
                            if each.id in lines)
                raise ExchangeError(f"line {said}: {alias!r} would be both {other.id!r} and "
                                    f"{person.id!r}; take it away from one of them")
