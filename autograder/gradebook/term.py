"""The grade of a term: the assignments' grades by their weights, without the lowest ones, through a
curve."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from autograder.course import Assignment, Course
from autograder.gradebook import lateness
from autograder.gradebook.book import Book
from autograder.gradebook.totals import Total
from autograder.result import SubmissionStatus


@dataclass(frozen=True)
class AssignmentGrade:
    """One assignment in a student's term. ``score`` is None where nothing counts yet: its time is
    not over and nothing is graded; what was not handed in until then is 0."""

    score: Decimal | None
    max_score: Decimal
    is_missing: bool  # its time is over, and nothing came
    is_dropped: bool  # one of the lowest, left out
    slip_days: int
    total: Total | None

    @property
    def ungraded(self) -> SubmissionStatus | None:
        """What became of the newest hand-in, where it is no grade."""
        return None if self.total is None else self.total.ungraded

    @property
    def share(self) -> Decimal | None:
        """Of its points, without the bonus questions'; None without a score."""
        return None if self.score is None or not self.max_score else self.score / self.max_score


@dataclass(frozen=True)
class TermGrade:
    """A student's term. ``percent`` is of what counts up to now, ``curved`` what it becomes by the
    course's curve; None where nothing counts yet."""

    student: str
    assignments: Mapping[str, AssignmentGrade]
    percent: Decimal | None
    curved: Decimal | None

    @property
    def slip_days(self) -> int:
        return sum(each.slip_days for each in self.assignments.values())


def term(book: Book, now: datetime, students: Collection[str] | None = None) -> list[TermGrade]:
    """Every student's term as of ``now``; of these ``students`` only, where they are given."""
    begun = {verdicts.assignment for verdicts in book.verdicts}
    roster = book.decisions.roster
    return [_of(student, book, now, begun) for student in book.students
            if roster.person(student).role == "student"
            and (students is None or student in students)]


def curved(percent: Decimal, curve: Sequence[tuple[float, float]]) -> Decimal:
    """Where the straight lines between the points of ``curve`` lead; level outside of them."""
    points = [(Decimal(str(before)), Decimal(str(after))) for before, after in curve]
    if percent <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if percent <= right:
            return low + (high - low) * (percent - left) / (right - left)
    return points[-1][1]


def _of(student: str, book: Book, now: datetime, begun: Collection[str]) -> TermGrade:
    totals, course = book.totals(student), book.course
    found = {name: _assignment(table, totals.get(name), _is_over(
        book, name, student, now, begun)) for name, table in course.assignments.items()}
    for name in _lowest(found, course.gradebook.drop_lowest):
        one = found[name]
        found[name] = AssignmentGrade(one.score, one.max_score, one.is_missing, True,
                                      one.slip_days, one.total)
    percent = _percent(course, found)
    curve = course.gradebook.curve and course.gradebook.curves[course.gradebook.curve]
    return TermGrade(student, found, percent, curved(percent, curve)
                     if percent is not None and curve else percent)


def _is_over(book: Book, name: str, student: str, now: datetime, begun: Collection[str]) -> bool:
    """Whether what is not handed in is missing: its time is over, grace included, or, where it has
    no due date, others' results are there."""
    due = book.due(name, student)
    return name in begun if due is None else lateness.is_late(book.course.late, now, due)


def _assignment(table: Assignment, total: Total | None, is_over: bool) -> AssignmentGrade:
    if total is not None and total.is_decided:
        return AssignmentGrade(total.score, table.points, False, False, total.slip_days, total)
    is_missing = total is None and is_over
    return AssignmentGrade(Decimal(0) if is_missing else None, table.points, is_missing, False, 0,
                           total)


def _lowest(found: Mapping[str, AssignmentGrade], many: int) -> Iterator[str]:
    """The names of the assignments with the lowest shares; one always counts."""
    shares = [(share, name) for name, each in found.items() if (share := each.share) is not None]
    yield from (name for _, name in sorted(shares)[:min(many, max(len(shares) - 1, 0))])


def _percent(course: Course, found: Mapping[str, AssignmentGrade]) -> Decimal | None:
    earned = possible = Decimal(0)
    weights = course.gradebook.weights
    for name, each in found.items():
        share = each.share
        if share is None or each.is_dropped:
            continue
        weight = Decimal(str(weights.get(name, 0))) if weights else each.max_score
        earned += weight * share
        possible += weight
    return None if not possible else 100 * earned / possible
