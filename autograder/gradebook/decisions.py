"""What staff decided: points changed, checks waived, more time, marks for texts. Facts only; what
they do to a grade is in ``points`` and ``lateness``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Literal, get_args

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
        return {"person": person.id, "section": person.section, "team": person.team,
                "all": ""}[self.kind] == self.name

    def __str__(self) -> str:
        if self.kind == "person":
            return self.name
        return f"{self.kind} {self.name}".rstrip()


@dataclass(frozen=True)
class Decision:
    """What all decisions have. ``number`` is the store's; ``reason`` is for staff."""

    number: int
    at: datetime
    by: str
    assignment: str
    reason: str


@dataclass(frozen=True)
class Adjustment(Decision):
    """Points changed by a person: on a question, or, where it is None, on the total."""

    whom: Whom
    question: str | None
    kind: AdjustmentKind
    points: Decimal | None  # None for full
    comment: str = ""  # for the student


@dataclass(frozen=True)
class Waiver(Decision):
    """A check taken out for everybody."""

    question: str
    check: str


@dataclass(frozen=True)
class Extension(Decision):
    """A later due date."""

    whom: Whom
    due: datetime


@dataclass(frozen=True)
class Mark(Decision):
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
    marks: Sequence[Mark] = ()

    @cached_property
    def _adjusting(self) -> dict[tuple[str, str | None], list[Adjustment]]:
        found = defaultdict(list)
        for each in self.adjustments:
            found[each.assignment, each.question].append(each)
        return dict(found)

    @cached_property
    def _marks(self) -> dict[tuple[str, str, str], Mark]:
        return {(mark.assignment, mark.student, mark.question): mark for mark in self.marks}

    def adjusting(
        self, assignment: str, student: str, question: str | None
    ) -> Iterator[Adjustment]:
        """What changes a student's points on a question; on the total where it is None."""
        return (each for each in self._adjusting.get((assignment, question), ())
                if each.whom.covers(student, self.roster))

    def waived(self, assignment: str, question: str) -> set[str]:
        """The checks of a question that are waived."""
        return {each.check for each in self.waivers
                if each.assignment == assignment and each.question == question}

    def extended(self, assignment: str, student: str) -> datetime | None:
        """The latest due date that an extension gives; None without one."""
        return max((each.due for each in self.extensions
                    if each.assignment == assignment and each.whom.covers(student, self.roster)),
                   default=None)

    def mark(self, assignment: str, student: str, question: str) -> Mark | None:
        """The mark that counts: the newest."""
        return self._marks.get((assignment, student, question))


NOTHING = Decisions()
"""Where nothing is decided, or nobody can know what is: in a pipeline, in another's container."""
