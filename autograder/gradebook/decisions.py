"""What staff decided: points changed, checks waived, more time, marks for texts. Facts only; what
they do to a grade is in ``points`` and ``lateness``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from math import inf
from typing import Any, Literal, get_args

from autograder.course.roster import Roster

WhomKind = Literal["person", "section", "team", "all"]
WHOM_KINDS: tuple[WhomKind, ...] = get_args(WhomKind)

AdjustmentKind = Literal["add", "set", "full"]


@dataclass(frozen=True)
class Whom:
    """Whom a decision is about. ``name`` is a person's id, a section, a team, or nothing."""

    kind: WhomKind
    name: str = ""

    def covers(self, student: str, roster: Roster) -> bool:
        person = roster.person(student)
        names = {"person": [person.id], "section": person.sections, "team": [person.team],
                 "all": [""]}
        return self.name in names[self.kind]

    def __str__(self) -> str:
        if self.kind == "person":
            return self.name
        return f"{self.kind} {self.name}".rstrip()


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What all decisions have. ``number``, ``at`` and ``by`` are the store's, which knows when and
    by whom it was made; ``reason`` is for staff."""

    assignment: str
    reason: str
    number: int = 0
    at: datetime | None = None
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Adjustment(Decided):
    """Points changed by a person: on a question, or, where it is None, on the total."""

    whom: Whom
    question: str | None
    kind: AdjustmentKind
    points: Decimal | None = None  # None for full
    comment: str = ""  # for the student


@dataclass(frozen=True, kw_only=True)
class Waiver(Decided):
    """A check taken out for everybody."""

    question: str
    check: str


@dataclass(frozen=True, kw_only=True)
class Extension(Decided):
    """A later due date."""

    whom: Whom
    due: datetime


@dataclass(frozen=True, kw_only=True)
class TextMark(Decided):
    """What somebody gave for a free text. ``items`` is what it is the sum of, where it was given by
    a rubric: its lines, and the points of each."""

    student: str
    question: str
    points: Decimal
    comment: str = ""  # for the student
    items: Mapping[str, Decimal] = field(default_factory=dict)
    answer: str = ""  # fingerprint of the text that was marked; nothing: nobody knows which it was


@dataclass(frozen=True)
class Decisions:
    """All that stands, in the order in which it was decided."""

    roster: Roster = field(default_factory=Roster)
    adjustments: Sequence[Adjustment] = ()
    waivers: Sequence[Waiver] = ()
    extensions: Sequence[Extension] = ()
    marks: Sequence[TextMark] = ()

    @cached_property
    def _adjusting(self) -> dict[tuple[str, str | None], dict[Whom, list[Adjustment]]]:
        found: dict[tuple[str, str | None], dict[Whom, list[Adjustment]]] = {}
        for each in self.adjustments:
            of_this = found.setdefault((each.assignment, each.question), {})
            of_this.setdefault(each.whom, []).append(each)
        return found

    @cached_property
    def _extended(self) -> dict[tuple[str, Whom], datetime]:
        found: dict[tuple[str, Whom], datetime] = {}
        for each in self.extensions:
            key = each.assignment, each.whom
            found[key] = max(each.due, found.get(key, each.due))
        return found

    @cached_property
    def _waived(self) -> dict[tuple[str, str], set[str]]:
        found = defaultdict(set)
        for each in self.waivers:
            found[each.assignment, each.question].add(each.check)
        return dict(found)

    @cached_property
    def _marks(self) -> dict[tuple[str, str, str], TextMark]:
        return {(mark.assignment, mark.student, mark.question): mark for mark in self.marks}

    def having(self, decided: Decided) -> Decisions:
        """These, and one more."""
        name = _FIELDS[type(decided)]
        changed: dict[str, Any] = {name: [*getattr(self, name), decided]}
        return replace(self, **changed)

    def without(self, kind: type[Decided], number: int) -> Decisions:
        """These, but for the one of that kind and number."""
        name = _FIELDS[kind]
        changed: dict[str, Any] = {
            name: [each for each in getattr(self, name) if each.number != number]}
        return replace(self, **changed)

    def adjusting(
        self, assignment: str, student: str, question: str | None
    ) -> list[Adjustment]:
        """What changes a student's points on a question, or, where it is None, on the total; in the
        order in which it was decided."""
        of_this = self._adjusting.get((assignment, question))
        if of_this is None:
            return []
        found = [each for whom in self._whoms(student) for each in of_this.get(whom, ())]
        return sorted(found, key=lambda each: each.number or inf)  # without one: not kept yet

    def last_adjusted(self, assignment: str, student: str) -> int | None:
        """The number of the newest adjustment of this student alone, of a question or the total."""
        own = Whom("person", student)
        return max((each.number for each in self.adjustments
                    if (each.assignment, each.whom) == (assignment, own)), default=None)

    def waived(self, assignment: str, question: str) -> Set[str]:
        """The checks of a question that are waived."""
        return self._waived.get((assignment, question), frozenset())

    def extended(self, assignment: str, student: str) -> datetime | None:
        """The latest due date that an extension gives; None without one."""
        if not self.extensions:
            return None
        given = [due for whom in self._whoms(student)
                 if (due := self._extended.get((assignment, whom))) is not None]
        return max(given, default=None)

    def _whoms(self, student: str) -> tuple[Whom, ...]:
        """All by which a decision can be about a student."""
        if (known := self._of.get(student)) is None:
            person = self.roster.person(student)
            known = self._of[student] = (
                Whom("all"), Whom("person", student),
                *(Whom("section", section) for section in dict.fromkeys(person.sections)),
                *([Whom("team", person.team)] if person.team else []))
        return known

    @cached_property
    def _of(self) -> dict[str, tuple[Whom, ...]]:
        return {}

    def mark(self, assignment: str, student: str, question: str) -> TextMark | None:
        """The mark that counts: the newest."""
        return self._marks.get((assignment, student, question))


_FIELDS: dict[type[Decided], str] = {
    Adjustment: "adjustments", Waiver: "waivers", Extension: "extensions", TextMark: "marks"}

NOTHING = Decisions()
"""Where nothing is decided, or nobody can know what is: in a pipeline, in another's container."""
