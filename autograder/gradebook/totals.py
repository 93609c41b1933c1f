"""From verdicts and decisions to a total: exact fractions, rounded once for each question.

What a check is worth stands in the result as fractions, so that other points in grader.toml need
nobody's code to run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

from autograder.course import Assignment, Course, Question
from autograder.gradebook import lateness
from autograder.gradebook.decisions import Adjustment, Decisions, TextMark
from autograder.gradebook.verdicts import QuestionVerdict, Verdicts
from autograder.result import SubmissionStatus


@dataclass(frozen=True)
class Adjusted:
    """What an adjustment did to points: how many more."""

    adjustment: Adjustment
    change: Decimal


@dataclass(frozen=True)
class QuestionTotal:
    """What one question brings, to the cent."""

    question: Question
    score: Decimal
    follow_through: Decimal | None  # of the run on corrected helpers, where that run decided
    waived: Sequence[str]  # checks that are waived, where the student gains by it
    mark: TextMark | None  # of a free text
    is_open: bool  # nobody knows yet


@dataclass(frozen=True)
class Earned:
    """What a submission brings before its lateness is known."""

    verdicts: Verdicts
    questions: Mapping[str, QuestionTotal]
    raw: Decimal  # the questions' sum
    adjusted: Sequence[Adjusted]  # of questions; their scores hold it
    of_total: Sequence[Adjustment]
    full: Decimal
    due: datetime | None
    late_days: int

    @property
    def is_decided(self) -> bool:
        """Whether it counts: it is graded, or somebody has set the total."""
        return self.verdicts.status is SubmissionStatus.GRADED \
            or any(each.kind != "add" for each in self.of_total)


@dataclass(frozen=True)
class Total:
    """What one submission brings: ``score`` is the questions' sum less the penalty, and what
    adjustments of the total changed. Of these lateness takes nothing; of questions' points, changed
    by hand or not, ``late_share``, 0 to 1."""

    earned: Earned
    slip_days: int
    penalty: Decimal
    adjusted: Sequence[Adjusted]
    score: Decimal
    late_share: Decimal

    @property
    def is_decided(self) -> bool:
        return self.earned.is_decided

    @property
    def ungraded(self) -> SubmissionStatus | None:
        """What became of the newest hand-in, where it is no grade, whether an older one counts or
        nothing does."""
        verdicts = self.earned.verdicts
        return verdicts.newer or (None if self.is_decided else verdicts.status)

    @property
    def open(self) -> list[str]:
        """The questions whose points nobody knows yet."""
        return [name for name, each in self.earned.questions.items() if each.is_open]


def rounded(points: Fraction, places: int = 2) -> Decimal:
    """Half up, as people round grades."""
    exact = Decimal(points.numerator) / Decimal(points.denominator)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def earned(course: Course, verdicts: Verdicts, decisions: Decisions) -> Earned:
    """What ``verdicts`` are worth by grader.toml as it is now, and by what staff decided.

    Questions that grader.toml does not have any more are worth nothing.

    Raises:
        KeyError: the course has no such assignment.
    """
    assignment = course.assignment(verdicts.assignment)
    questions, adjusted, raw = {}, [], Decimal(0)
    for asked in assignment.questions:
        found = _question(asked, verdicts, assignment, decisions)
        if found is not None:
            question, changes = _by_hand(found, verdicts, decisions)
            questions[asked.name] = question
            adjusted += changes
            raw += question.score
    due = lateness.due(
        course, verdicts.assignment, verdicts.student, decisions, verdicts.due)
    return Earned(
        verdicts, questions, raw, adjusted,
        decisions.adjusting(verdicts.assignment, verdicts.student, None), assignment.points, due,
        lateness.days(course.late, verdicts.submitted, due, course.zone))


def total(course: Course, found: Earned, slip_days: int = 0) -> Total:
    """The total of what is earned. ``slip_days`` of the late days cost nothing."""
    late_days = max(found.late_days - slip_days, 0)
    penalty = lateness.penalty(course.late, late_days, found.raw)
    score = found.raw - penalty
    changes = list(_changes(found.of_total, score, found.full))
    return Total(found, slip_days, penalty, [*found.adjusted, *changes],
                 score + sum((each.change for each in changes), Decimal(0)),
                 lateness.share(course.late, late_days))


@lru_cache(maxsize=1 << 12)  # a class's shares are alike
def worth(points: Decimal, earned: Fraction, corrected: Fraction | None,
          follow_through: float) -> tuple[Decimal, bool]:
    """The points that a question brings, to the cent, and whether the run on corrected helpers
    decided: it does where it earns more, at its share of the points."""
    own = Fraction(points) * earned
    through = None if corrected is None else \
        Fraction(points) * Fraction(str(follow_through)) * corrected
    return (rounded(through), True) if through is not None and through > own \
        else (rounded(own), False)


def _question(asked: Question, verdicts: Verdicts, assignment: Assignment,
              decisions: Decisions) -> QuestionTotal | None:
    """What the verdicts on a question bring, or the mark for it; None where there is neither."""
    if asked.kind == "text":
        mark = decisions.mark(verdicts.assignment, verdicts.student, asked.name)
        return QuestionTotal(asked, mark.points if mark else Decimal(0), None, (), mark,
                             is_open=mark is None and verdicts.status is SubmissionStatus.GRADED)
    verdict = verdicts.questions.get(asked.name)
    if verdict is None:
        return None if verdicts.status is SubmissionStatus.UNREADABLE else \
            QuestionTotal(asked, Decimal(0), None, (), None, is_open=not _needs_a_gpu(asked))
    return _examined(asked, verdict, decisions.waived(verdicts.assignment, asked.name),
                     assignment.follow_through)


def _examined(asked: Question, verdict: QuestionVerdict, waivers: Set[str],
              follow_through: float) -> QuestionTotal:
    share, waived = verdict.earned, []
    if waivers and (waived := sorted(waivers & verdict.checks.keys())):
        without = verdict.without(waived)  # nobody loses by it
        share, waived = (without, waived) if without > share else (share, [])
    score, through = worth(asked.points, share, verdict.corrected, follow_through)
    return QuestionTotal(asked, score, score if through else None, waived, None,
                         is_open=verdict.status.is_undecided and not _needs_a_gpu(asked))


def _needs_a_gpu(asked: Question) -> bool:
    """Whether it is a bonus on a device that a course need not have. It keeps no grade open."""
    return asked.bonus and asked.performance is not None and asked.performance.device == "cuda"


def _by_hand(
    found: QuestionTotal, verdicts: Verdicts, decisions: Decisions
) -> tuple[QuestionTotal, list[Adjusted]]:
    """A question with what staff changed of it. Who sets its points has decided them."""
    adjustments = decisions.adjusting(
        verdicts.assignment, verdicts.student, found.question.name)
    if not adjustments:
        return found, []
    changes = list(_changes(adjustments, found.score, found.question.points))
    is_set = any(each.kind != "add" for each in adjustments)
    return QuestionTotal(
        found.question, found.score + sum((each.change for each in changes), Decimal(0)),
        found.follow_through, found.waived, found.mark, found.is_open and not is_set), changes


def _changes(
    adjustments: Iterable[Adjustment], points: Decimal, full: Decimal
) -> Iterator[Adjusted]:
    """What each adjustment in turn changes; never to less than nothing."""
    for adjustment in adjustments:
        given = adjustment.points or Decimal(0)
        after = {"add": points + given, "set": given, "full": max(points, full)}[adjustment.kind]
        after = max(after, Decimal(0))
        yield Adjusted(adjustment, after - points)
        points = after
