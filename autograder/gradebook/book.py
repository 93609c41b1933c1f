"""The gradebook of a term: what counts of everybody, and where slip days go."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from autograder.course import Course
from autograder.gradebook import lateness
from autograder.gradebook.decisions import NOTHING, Decisions
from autograder.gradebook.model import Grade
from autograder.gradebook.points import grade
from autograder.gradebook.totals import Earned, Total, earned, total
from autograder.gradebook.verdicts import Verdicts
from autograder.names import is_erased
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
                 if each.whom.kind == "person" and not is_erased(each.whom.name)}
        return sorted({person.id for person in self.decisions.roster.students}
                      | self._of.keys() | named)

    def grade(self, result: Result, newer: SubmissionStatus | None = None) -> Grade:
        """The grade of a result, as if it was the one that counts. What was kept under another name
        of a person, before the course knew it, is that person's. ``newer``: see ``Grade``."""
        student = self.decisions.roster.id_of(result.student)
        found = self._grade(result if student == result.student else
                            result.model_copy(update={"student": student}))
        return found.model_copy(update={"newer": newer}) if newer else found

    def _grade(self, result: Result) -> Grade:
        days = self._days_on(Verdicts.of(result)) if self.course.late.bank else 0
        return grade(self.course, result, self.decisions, days)

    def total(self, verdicts: Verdicts) -> Total:
        """The total of a grade, by as much of its result as that depends on."""
        return total(self.course, earned(self.course, verdicts, self.decisions),
                     self._days_on(verdicts) if self.course.late.bank else 0)

    def without_files(self, assignment: str, handed_in: Collection[str]) -> list[Grade]:
        """Grades of people who handed nothing in, and whose total somebody has set all the same."""
        return [self._grade(_nothing_from(student, assignment)) for student in self.students
                if student not in handed_in and self._is_set(assignment, student)]

    def totals(self, student: str) -> dict[str, Total]:
        """What counts of a student, by assignment: what submissions bring, and what somebody has
        set where there is none."""
        found = {name: Verdicts.of(_nothing_from(student, name))
                 for name in self.course.assignments if self._is_set(name, student)}
        found.update(self._of.get(student, {}))
        earned = self._earned(found)
        slip_days = self._slip_days(earned)
        return {each.verdicts.assignment: total(
            self.course, each, slip_days.get(each.verdicts.assignment, 0)) for each in earned}

    def checks(self, assignment: str) -> dict[str, Counter[str]]:
        """Question -> id of each of its checks -> how many students do not wholly pass it."""
        found: dict[str, Counter[str]] = {}
        for verdicts in self.verdicts:
            if verdicts.assignment == assignment:
                for name, question in verdicts.questions.items():
                    failing = found.setdefault(name, Counter())
                    for id, (_, earned) in question.checks.items():
                        failing[id] += earned != "1"
        return found

    def due(self, assignment: str, student: str) -> datetime | None:
        """When a student who has handed nothing in has to."""
        return lateness.due(self.course, assignment, student, self.decisions)

    def _is_set(self, assignment: str, student: str) -> bool:
        return any(each.kind != "add"
                   for each in self.decisions.adjusting(assignment, student, None))

    def _earned(self, verdicts: Mapping[str, Verdicts]) -> list[Earned]:
        return [earned(self.course, each, self.decisions) for each in verdicts.values()]

    def _days_on(self, verdicts: Verdicts) -> int:
        """The slip days that are spent on these, as if they were those that count."""
        every = {**self._of.get(verdicts.student, {}), verdicts.assignment: verdicts}
        return self._slip_days(self._earned(every)).get(verdicts.assignment, 0)

    def _slip_days(self, handed_in: Iterable[Earned]) -> dict[str, int]:
        """Where a student's slip days are spent: where they bring most points, and no more than
        bring any; of ways that bring as much, the one that spends them on what came first.

        Not simply on what came first: what staff gives (more time, a waived check) would then move
        days to where they bring less, and could cost points.
        """
        policy = self.course.late
        late = [each for each in handed_in if each.late_days] if policy.bank else []
        ways: dict[int, tuple[Decimal, dict[str, int]]] = {0: (Decimal(0), {})}  # by days spent
        for each in sorted(late, key=_when):
            gains = self._gains(each)
            found: dict[int, tuple[Decimal, dict[str, int]]] = {}
            for spent, (points, days_of) in ways.items():
                for days, gain in enumerate(gains[:policy.bank - spent + 1]):
                    way = (points + gain, {**days_of, each.verdicts.assignment: days})
                    known = found.get(spent + days)
                    if known is None or (way[0], tuple(way[1].values())) > (
                            known[0], tuple(known[1].values())):
                        found[spent + days] = way
            ways = found
        spent = max(ways, key=lambda days: (ways[days][0], -days))
        return ways[spent][1]

    def _gains(self, handed_in: Earned) -> list[Decimal]:
        """What 0, 1, 2, … slip days bring, as a part of the course where its assignments have
        weights."""
        name, policy, weights = (handed_in.verdicts.assignment, self.course.late,
                                 self.course.gradebook.weights)
        part = Decimal(str(weights.get(name, 0))) / (handed_in.full or 1) if weights \
            else Decimal(1)
        most = min(handed_in.late_days, policy.bank, policy.at_most or handed_in.late_days)
        scores = [total(self.course, handed_in, days).score for days in range(most + 1)]
        return [(score - scores[0]) * part for score in scores]


def _nothing_from(student: str, assignment: str) -> Result:
    """The result of somebody who handed nothing in."""
    return Result(
        assignment=assignment, student=student, status=SubmissionStatus.UNREADABLE,
        message=sentence("Nothing was handed in."),
        submission=SubmissionRecord(digest=hashlib.sha256().hexdigest()),
        environment=Environment.here(sandbox="", suite="", fingerprint=""))


def _when(handed_in: Earned) -> tuple[datetime, str]:
    """In the order of hand-ins: of what is late it is known when it came."""
    at = handed_in.verdicts.submitted
    assert at is not None
    return at, handed_in.verdicts.assignment
