"""From a list of people to the course's table: who is new, who changed, who is no longer there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.course.roster import ROLES, Person, Roster, is_chosen, keys
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
    notes: tuple[str, ...] = ()  # what staff should look at: other names, ids that are another's


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
    lines = _lines(entries, roster, id_column)
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
    people, new, refused = _without_others_names(people, new)
    _each_known_by_their_own([*people, *new], lines)
    return Merged((*people, *new), tuple(new), tuple(
        person for person in people if person != roster.people[person.id]), tuple(missing),
        tuple((known, person) for person in new for known in people
              if person.name and canonical(known.name) == canonical(person.name)),
        (*refused, *_renamed(roster, people), *_zeros_kept(roster, lines)))


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
    known: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        for key in sorted(keys(entry.said)):
            before = known.setdefault(key, entry)
            if before is not entry:
                raise ExchangeError(f"lines {before.row.line} and {entry.row.line} both have "
                                    f"{key[1]!r}; keep one of them")


def _lines(entries: Sequence[Entry], roster: Roster, column: str | None) -> dict[str, Entry]:
    """Id -> the line that is that person's, in the order of the lines. New ids go to those first
    whose own they are most surely."""
    found: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda each: each.rank):
        id = _id(entry, roster, column, found)
        before = found.setdefault(id, entry)
        if before is not entry:
            first, second = sorted([before.row.line, entry.row.line])
            raise ExchangeError(f"lines {first} and {second} are both {id!r}; keep one of them, "
                                "or say by --id which column tells them apart")
    return dict(sorted(found.items(), key=lambda pair: pair[1].row.line))


def _id(entry: Entry, roster: Roster, column: str | None, taken: Mapping[str, Entry]) -> str:
    """Who a line is about: somebody who is known by one of its ids, or else somebody new.

    Nobody is taken for somebody who is known because the id that would be made for them is that
    person's: it may be made of an address or a name that they have chosen.
    """
    line = f"line {entry.row.line}"
    known = roster.by(entry.said)
    if len(known) > 1:
        raise ExchangeError(f"{line}: is both {' and '.join(map(repr, sorted(known)))} of the "
                            "course's people; make them one there")
    if known:
        return known.pop()
    candidates = entry.likely_ids if column is None else [_said(entry, column)]
    ids = [student_id(each) for each in candidates if each]
    if not ids:
        raise ExchangeError(f"{line}: has nothing to make an id of; fill in "
                            f"{column or 'an id or an e-mail address'}, or take the line out")
    free = [id for id in ids if roster.find(id) is None and (column or id not in taken)]
    if not free:
        raise ExchangeError(f"{line}: would be {ids[0]!r}, who is somebody else in the course; if "
                            "they are one, give them an id or the address in common there, or say "
                            "by --id which column tells them apart")
    return free[0]


def _said(entry: Entry, column: str) -> str:
    try:
        return entry.row.word(_title(column))
    except ValueError as error:
        raise ExchangeError(str(error)) from None


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
            ids[kind] = ids[kind] if _lost_zeros(ids.get(kind, ""), id) else id
        elif id not in ids.values():
            names = (kind, *(f"{kind}_{number}" for number in range(2, len(ids) + 3)))
            ids[next(name for name in names if name not in ids)] = id
    return ids


def _lost_zeros(before: str, now: str) -> bool:
    """Whether an id is what a spreadsheet leaves of the one that was there: 7 of 007."""
    return before != now and now.isdecimal() and before.startswith("0") \
        and before.lstrip("0") == now


def _zeros_kept(roster: Roster, lines: Mapping[str, Entry]) -> Iterator[str]:
    """Lines about ids that stay as they were."""
    for id, entry in lines.items():
        before = roster.person(id).ids
        for kind, now in entry.ids.items():
            if _lost_zeros(before.get(kind, ""), now):
                yield (f"{id}: has the {kind} {before[kind]!r}, and {now!r} in the list, from "
                       "which a spreadsheet may have taken zeros; it stays as it was")


def _without_others_names(people: Sequence[Person], new: Sequence[Person]
                          ) -> tuple[list[Person], list[Person], list[str]]:
    """Those people, without names of their own choice that are an id of somebody else; and a line
    for staff about each."""
    given = {canonical(value): person.id for person in (*people, *new)
             for kind, value in person.said.items() if not is_chosen(kind)}
    lines = []

    def own(person: Person) -> Person:
        kept = {}
        for kind, value in person.ids.items():
            other = given.get(canonical(value), person.id)
            if is_chosen(kind) and other != person.id:
                lines.append(f"{person.id}: is called {value!r} by {kind}, which is an id of "
                             f"{other}; not taken over")
            else:
                kept[kind] = value
        return person if len(kept) == len(person.ids) else replace(person, ids=kept)

    return [*map(own, people)], [*map(own, new)], lines


def _renamed(roster: Roster, people: Iterable[Person]) -> Iterator[str]:
    """Lines about people who had another name or address before."""
    for person in people:
        before = roster.people[person.id]
        for what, was, now in (("name", before.name, person.name),
                               ("address", before.email, person.email)):
            if was and canonical(was) != canonical(now):
                yield f"{person.id}: had the {what} {was!r}, and has {now!r} now"


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
