"""The gradebook of a term: what counts of everybody, and where slip days go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from autograder.course import Course
from autograder.gradebook.decisions import NOTHING, Decisions
from autograder.gradebook.model import Grade
from autograder.gradebook.points import grade
from autograder.gradebook.totals import Total, total
from autograder.gradebook.verdicts import Verdicts
from autograder.result import (
    Environment,
    Result,
    SubmissionRecord,
    SubmissionStatus,
    sentence,
)


@dataclass(frozen=True)
class Book:
    """The verdicts that count, by student and assignment, and what staff decided."""

    course: Course
    decisions: Decisions = NOTHING
    verdicts: Iterable[Verdicts] = ()

    @cached_property
    def _of(self) -> Mapping[str, Mapping[str, Verdicts]]:
        found: defaultdict[str, dict[str, Verdicts]] = defaultdict(dict)
        for each in self.verdicts:
            if each.assignment in self.course.assignments:
                found[each.student][each.assignment] = each
        return found

    @property
    def students(self) -> list[str]:
        """Who is of the course, handed something in, or was given points; sorted."""
        named = {each.whom.name for each in self.decisions.adjustments
                 if each.whom.kind == "person"}
        return sorted({person.id for person in self.decisions.roster.students}
                      | self._of.keys() | named)

    def grade(self, result: Result) -> Grade:
        """The grade of a result, as if it was the one that counts."""
        verdicts = Verdicts.of(result)
        slip_days = 0
        if self.course.late.bank:
            others = {**self._of.get(result.student, {}), result.assignment: verdicts}
            slip_days = self._slip_days(list(others.values())).get(result.assignment, 0)
        return grade(self.course, result.assignment, result, self.decisions, slip_days)

    def grades(self, results: Iterable[Result]) -> list[Grade]:
        return [self.grade(result) for result in results]

    def without_files(self, assignment: str, handed_in: Collection[str]) -> list[Grade]:
        """Grades of people who handed nothing in, and whose total somebody has set all the same."""
        return [self.grade(_nothing_from(student, assignment)) for student in self.students
                if student not in handed_in and self._is_set(assignment, student)]

    def totals(self, student: str) -> dict[str, Total]:
        """What counts of a student, by assignment: what submissions bring, and what somebody has
        set where there is none."""
        found = {name: Verdicts.of(_nothing_from(student, name))
                 for name in self.course.assignments if self._is_set(name, student)}
        found.update(self._of.get(student, {}))
        slip_days = self._slip_days(list(found.values())) if self.course.late.bank else {}
        return {name: total(self.course, each, self.decisions, slip_days.get(name, 0))
                for name, each in found.items()}

    def due(self, assignment: str, student: str) -> datetime | None:
        """When a student who has handed nothing in has to."""
        due = self.course.due(assignment, student)
        later = self.decisions.extended(assignment, student)
        return due and (max(due, later) if later else due)

    def _is_set(self, assignment: str, student: str) -> bool:
        return any(each.kind != "add"
                   for each in self.decisions.adjusting(assignment, student, None))

    def _slip_days(self, handed_in: Sequence[Verdicts]) -> dict[str, int]:
        """Where a student's slip days are spent: where they bring most points, and no more than
        bring any; of ways that bring as much, the one that spends them on what came first.

        Not simply on what came first: what staff gives (more time, a waived check) would then move
        days to where they bring less, and could cost points.
        """
        policy = self.course.late
        ways: dict[int, tuple[Decimal, dict[str, int]]] = {0: (Decimal(0), {})}  # by days spent
        for each in sorted(handed_in, key=_when):
            late = total(self.course, each, self.decisions).late_days
            most = min(late, policy.bank, policy.at_most or late)
            gains = [self._gain(each, days) for days in range(most + 1)] if most else [Decimal(0)]
            found: dict[int, tuple[Decimal, dict[str, int]]] = {}
            for spent, (points, days_of) in ways.items():
                for days, gain in enumerate(gains[:policy.bank - spent + 1]):
                    way = (points + gain, {**days_of, each.assignment: days})
                    known = found.get(spent + days)
                    if known is None or (way[0], tuple(way[1].values())) > (
                            known[0], tuple(known[1].values())):
                        found[spent + days] = way
            ways = found
        spent = max(ways, key=lambda days: (ways[days][0], -days))
        return ways[spent][1]

    def _gain(self, verdicts: Verdicts, slip_days: int) -> Decimal:
        """What slip days bring, as a part of the course where its assignments have weights."""
        assignment, weights = (self.course.assignment(verdicts.assignment),
                               self.course.gradebook.weights)
        part = Decimal(str(weights.get(assignment.name, 0))) / (assignment.points or 1) \
            if weights else Decimal(1)
        without, with_them = (total(self.course, verdicts, self.decisions, days).score
                              for days in (0, slip_days))
        return (with_them - without) * part


def _nothing_from(student: str, assignment: str) -> Result:
    """The result of somebody who handed nothing in."""
    return Result(
        assignment=assignment, student=student, status=SubmissionStatus.UNREADABLE,
        message=sentence("Nothing was handed in."), submission=SubmissionRecord(digest=""),
        environment=Environment.here(sandbox="", suite="", seed=""))


def _when(verdicts: Verdicts) -> tuple[bool, float, str]:
    """In the order of hand-ins; those of which nobody knows when they came, last."""
    at = verdicts.submitted
    return at is None, at.timestamp() if at else 0.0, verdicts.assignment
