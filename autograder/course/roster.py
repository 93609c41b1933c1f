"""Who is in the course: a table beside grader.toml, one line for each person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, get_args

from autograder.course import spreadsheets
from autograder.course.tables import Course
from autograder.errors import AutograderError
from autograder.names import UNNAMED, canonical, is_erased, shown, student_id

Role = Literal["student", "staff", "marker"]
ROLES: tuple[Role, ...] = get_args(Role)

COLUMNS = ("id", "name", "email", "role", "section", "team")
"""What every table of people can have. Any further column is another id, by the name of what knows
people by it: sis_id, moodle, github."""


class RosterError(AutograderError):
    """The table of people cannot be used. The text says which line, and what to do."""


@dataclass(frozen=True)
class Person:
    """Somebody of the course.

    Attributes:
        section: one, or several with semicolons between them: ``A; B``.
        ids: kind (``sis_id``, ``moodle``, ``github``, …) -> what they are called there.
    """

    id: str
    name: str = ""
    email: str = ""
    role: Role = "student"
    section: str = ""
    team: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """The name, where there is one; else the id."""
        return self.name or self.id

    @property
    def sections(self) -> list[str]:
        """The sections that the person is in, in the table's order."""
        return [each for part in self.section.split(";") if (each := part.strip())]

    @property
    def said(self) -> dict[str, str]:
        """Kind -> id: every id that can mean this person alone, ``id`` and ``email`` among them."""
        return said_of(self.id, self.email, self.ids)

    @property
    def aliases(self) -> set[str]:
        """These ids, as spellings are compared."""
        return set(map(canonical, self.said.values()))


_SAME: Mapping[str, frozenset[str]] = {
    "id": frozenset({"id"}), "email": frozenset({"address"}),
    "login": frozenset({"id", "address"}), "roster": frozenset({"id", "address", "number"}),
    "sis_id": frozenset({"id", "number"}), "id_number": frozenset({"id", "number"})}
"""Kind of id -> what it may be. An institution's id of somebody may stand in two programs under two
names. A name that people choose themselves, as on GitHub, is not among them: it can equal somebody
else's login by accident, or on purpose."""


def said_of(id: str, email: str, ids: Mapping[str, str]) -> dict[str, str]:
    """Kind -> id, without those that name nobody: an empty cell, a dash, an erased one's alias."""
    return {kind: value for kind, value in {"id": id, "email": email, **ids}.items()
            if value and (kind == "id" or not (is_erased(value) or student_id(value) == UNNAMED))}


def base(kind: str) -> str:
    """The kind without the number of those that a person has several of: moodle_2."""
    return re.sub(r"_\d+$", "", kind)


def keys(said: Mapping[str, str]) -> set[tuple[str, str]]:
    """What two programs' ids have in common where they are one person's: what each may be
    (``_SAME``), and its spelling."""
    return {(what, canonical(value)) for kind, value in said.items()
            for what in _SAME.get(kind, frozenset({base(kind)}))}


def is_chosen(kind: str) -> bool:
    """Whether people choose an id of that kind themselves."""
    return base(kind) not in {*_SAME, "canvas", "moodle", "lti"}


@dataclass(frozen=True)
class Roster:
    """The people of a course, by their ids. Empty where the course has no table of them."""

    people: Mapping[str, Person] = field(default_factory=dict)

    @cached_property
    def _known(self) -> dict[str, Person]:
        return {alias: person for person in self.people.values() for alias in person.aliases}

    @cached_property
    def _keys(self) -> dict[tuple[str, str], Person]:
        return {key: person for person in self.people.values() for key in keys(person.said)}

    @cached_property
    def kinds(self) -> set[str]:
        """The kinds of ids that are known of people."""
        return {base(kind) for person in self.people.values() for kind in person.ids}

    def find(self, name: str, kind: str = "") -> Person | None:
        """The person whom ``name`` means, an id of any kind or an e-mail address, in any spelling;
        None where that is nobody.

        Args:
            kind: the kind of id that it is. Where the course knows people by ids of that kind, only
                these are looked at: the same word may be somebody else's id of another kind.
        """
        if kind in self.kinds:
            return self._keys.get((kind, canonical(name)))
        return self.people.get(name) or self._known.get(canonical(name))

    def by(self, said: Mapping[str, str]) -> set[str]:
        """The ids of those who are known by one of these ids."""
        return {self._keys[key].id for key in keys(said) & self._keys.keys()}

    def id_of(self, name: str, kind: str = "") -> str:
        """The id of whom ``name`` means; ``name`` where that is nobody who is known."""
        person = self.find(name, kind)
        return name if person is None else person.id

    def person(self, student: str) -> Person:
        """The person with this id; one of whom nothing else is known where there is none."""
        return self.people.get(student) or Person(student)

    @property
    def students(self) -> list[Person]:
        return [person for person in self.people.values() if person.role == "student"]

    @property
    def sections(self) -> list[str]:
        """The sections that people are in, sorted."""
        return sorted({each for person in self.people.values() for each in person.sections})

    def of_section(self, section: str) -> Roster:
        """Those who are in a section."""
        return Roster({person.id: person for person in self.people.values()
                       if section in person.sections})

    @cached_property
    def has_teams(self) -> bool:
        """Whether anybody is in one."""
        return any(person.team for person in self.people.values())

    def team(self, name: str) -> list[Person]:
        """The students of a team, in the table's order."""
        return [person for person in self.students if name and person.team == name]


def file(course: Course) -> Path:
    """Where a course's table of people lies; it need not be there."""
    return course.root / course.people.file


def load(course: Course) -> Roster:
    """The course's people; nobody where it has no table of them.

    Raises:
        RosterError: it cannot be read, or says two things of one person.
    """
    path = file(course)
    try:
        text = spreadsheets.text(path.read_bytes())
    except FileNotFoundError:
        return Roster()
    except OSError as error:
        raise RosterError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise RosterError(f"{path}: not UTF-8 text at byte {error.start}; save it as UTF-8") \
            from None
    try:
        return _of(text)
    except (RosterError, ValueError) as error:
        raise RosterError(f"{path}: {error}") from None


@lru_cache(maxsize=2)  # whoever works for long asks for the same table again and again
def _of(text: str) -> Roster:
    return Roster({person.id: person for person in _read(text)})


def keep_most(before: Roster, now: Roster, file: Path) -> None:
    """Refuse a table that has lost most of a class: a slip in an editor may leave such a one, and
    it can be read.

    Raises:
        RosterError: more than half of the students, and more than one, are not in ``now``.
    """
    gone = [person.id for person in before.students if person.id not in now.people]
    if len(gone) > max(1, len(before.students) // 2):
        raise RosterError(
            f"{file}: {len(gone)} of {len(before.students)} students are not in it any more "
            f"({', '.join(gone[:3])}, …), and more than half do not go while the door is open; put "
            "them back, or, if it is right, start the door anew")


def written(people: Iterable[Person]) -> str:
    """The table of ``people``, as ``load`` reads it: people open it in spreadsheets."""
    people = list(people)
    kinds = list(dict.fromkeys(kind for person in people for kind in person.ids))
    rows = [(*COLUMNS, *kinds), *(
        (*(getattr(person, column) for column in COLUMNS),
         *(person.ids.get(kind, "") for kind in kinds)) for person in people)]
    return spreadsheets.as_csv((map(spreadsheets.guarded, row) for row in rows), line_end="\n")


def _read(text: str) -> Iterator[Person]:
    table = spreadsheets.read(text)
    if "id" not in table.titles:
        raise RosterError("has no column id; its first line names the columns: "
                          f"{','.join(COLUMNS)} and, further, other ids")
    known: dict[str, int] = {}  # alias -> line
    for row in table.rows:
        person = _person({
            spreadsheets.unguarded(title): shown(spreadsheets.unguarded(row.word(title)))
            for title in row.cells}, row.line)
        for each in filter(spreadsheets.is_a_number_of_theirs, person.said.values()):
            raise RosterError(f"line {row.line}: {each!r} is what a spreadsheet makes of an id, "
                              "and digits of it are lost; write the id, and have the spreadsheet "
                              "keep that column as text")
        for alias in person.aliases:
            if (line := known.setdefault(alias, row.line)) != row.line:
                raise RosterError(f"line {row.line}: {alias!r} is of line {line} already; "
                                  "keep one of them")
        yield person


def _person(cells: Mapping[str, str], line: int) -> Person:
    id = cells.get("id", "")
    if not id or student_id(id) != id:
        raise RosterError(f"line {line}: the id {id!r} cannot name a file; write for example "
                          f"{student_id(id or 'ann')!r}")
    role = cells.get("role", "").casefold() or "student"
    if role not in ROLES:
        raise RosterError(f"line {line}: the role {role!r} is none; write {', '.join(ROLES[:-1])} "
                          f"or {ROLES[-1]}")
    return Person(
        id, cells.get("name", ""), cells.get("email", ""), role,
        cells.get("section", ""), cells.get("team", ""),
        {title: value for title, value in cells.items()
         if title and value and title not in COLUMNS})
