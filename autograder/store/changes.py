"""What changed between two runs: for whom, by how much, and by which check.

Verdicts of either run are compared, and both are worth what grader.toml says now: that it says
something else than before is a change of no run's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from autograder.course import Course, Policy
from autograder.errors import AutograderError
from autograder.gradebook import CheckGrade, Grade, QuestionGrade
from autograder.store import Run, Store


class RunError(AutograderError):
    """There is no such run, or two that cannot be compared. The text says what to do."""


@dataclass(frozen=True)
class Cause:
    """A part of what changed for a student."""

    question: str  # "" where it is about the whole submission
    what: str  # a check's title, or in our words
    before: str
    after: str
    points: float | None  # how many more; None where that stands in other causes


@dataclass(frozen=True)
class Change:
    """What changed for a student. A score is None where there is none: not graded, or no result."""

    student: str
    before: float | None
    after: float | None
    causes: tuple[Cause, ...]

    @property
    def points(self) -> float | None:
        if self.before is None or self.after is None:
            return None
        return round(self.after - self.before, 2)


@dataclass(frozen=True)
class Comparison:
    """Two runs on one assignment."""

    before: Run
    after: Run
    students: int  # who have a result as of either
    changes: tuple[Change, ...]  # by student


def chosen(runs: Sequence[Run], before: str, after: str,
           assignment: str | None = None) -> tuple[Run, Run]:
    """The runs that two words name: a number, ``last``, or ``last-1`` for the one before it.

    ``last`` counts the runs on one assignment: on ``assignment``; where that is None, on the one
    that a numbered run is on; else on the one that was graded last.

    Raises:
        RunError: there is none of that name, or they are of two assignments.
    """
    numbered = [_numbered(runs, word) for word in (before, after) if word.isdecimal()]
    if assignment is None and runs:
        assignment = (numbered[0] if numbered else runs[-1]).assignment
    alike = [run for run in runs if run.assignment == assignment]
    first, second = (_numbered(runs, word) if word.isdecimal() else _counted(alike, word)
                     for word in (before, after))
    for run in (first, second):
        if run.assignment != assignment:
            raise RunError(f"run {run.id} is on {run.assignment}, not on {assignment}; compare two "
                           "on one assignment: autograder runs lists them")
    return first, second


def _numbered(runs: Sequence[Run], word: str) -> Run:
    for run in runs:
        if str(run.id) == word:
            return run
    raise RunError(f"no run {word}; autograder runs lists them")


def _counted(runs: Sequence[Run], word: str) -> Run:
    match = re.fullmatch(r"last(?:-(\d{1,9}))?", word, re.ASCII)
    if match is None:
        raise RunError(f"{word!r} names no run; write a number, last, or last-1")
    back = int(match[1] or 0)
    if back >= len(runs):
        raise RunError(f"no run {word}: there are {len(runs)} on this assignment; "
                       "autograder runs lists them")
    return runs[-1 - back]


def compare(
    course: Course, store: Store, before: Run, after: Run, policy: Policy | None = None
) -> Comparison:
    """What counts as of either run: results that it made, and earlier runs.

    Raises:
        RunError: grader.toml has their assignment no more, and nobody knows what they are worth.
    """
    if before.assignment not in course.assignments:
        raise RunError(f"run {before.id} is on {before.assignment}, which grader.toml has no more; "
                       "put it back to compare its runs")
    was = store.counting_numbers(before.assignment, policy, until=before.id)
    now = store.counting_numbers(after.assignment, policy, until=after.id)
    desk = replace(store.desk(policy), course=course)
    changes = []
    for student in sorted(was.keys() | now.keys()):
        if was.get(student) != now.get(student):
            first, second = (
                None if number is None else desk.grade(store.result(number))
                for number in (was.get(student), now.get(student)))
            change = Change(student, _score(first), _score(second), tuple(_causes(first, second)))
            changes += [change] if change.causes else []
    return Comparison(before, after, len(was.keys() | now.keys()), tuple(changes))


def _score(grade: Grade | None) -> float | None:
    return grade.score if grade and grade.is_graded else None


def _causes(before: Grade | None, after: Grade | None) -> Iterator[Cause]:
    if before is None or after is None:
        yield Cause("", "result", _status(before), _status(after), None)
        return
    if (was := before.result.submission.digest) != (now := after.result.submission.digest):
        yield Cause("", "files", was[:8], now[:8], None)
    if before.result.status is not after.result.status:
        yield Cause("", "status", _status(before), _status(after), None)
    for name in dict.fromkeys(question.name for question in (*before.questions, *after.questions)):
        yield from _question_causes(name, before.question(name), after.question(name))
    if before.penalty != after.penalty:
        yield Cause("", "taken off for lateness", f"{before.penalty:g}", f"{after.penalty:g}",
                    before.penalty - after.penalty)


def _status(of: Grade | QuestionGrade | CheckGrade | None) -> str:
    return "none" if of is None else of.result.status.value


def _question_causes(
    name: str, before: QuestionGrade | None, after: QuestionGrade | None
) -> Iterator[Cause]:
    """Checks that came out otherwise, and what else moved the question's score."""
    gained = (after.score if after else 0) - (before.score if before else 0)
    if before is None or after is None:
        yield Cause(name, "question", _status(before), _status(after), gained)
        return
    checks = {check.id: check for check in before.checks}
    later = {check.id: check for check in after.checks}
    moved = [id for id in dict.fromkeys([*checks, *later])
             if _verdict(checks.get(id)) != _verdict(later.get(id))]
    found = [Cause(name, (later.get(id) or checks[id]).result.title, _status(checks.get(id)),
                   _status(later.get(id)), _points(later.get(id)) - _points(checks.get(id)))
             for id in moved]
    yield from found
    if before.follow_through != after.follow_through:
        yield Cause(name, "by a run on corrected helpers", _earned(before.follow_through),
                    _earned(after.follow_through), None if found else gained)
    elif _tier(before) != _tier(after):
        yield Cause(name, "speed", _tier(before), _tier(after), gained)
    elif before.follow_through is None \
            and round(rest := gained - sum(cause.points or 0 for cause in found), 2):
        was = before.score - sum(_points(checks.get(id)) for id in moved)
        yield Cause(name, "all else: weights, waived checks, points by hand", f"{was:.2f}",
                    f"{was + rest:.2f}", rest)
    elif not found and (gained or before.result.status is not after.result.status):
        yield Cause(name, "question", _status(before), _status(after), gained)


def _verdict(check: CheckGrade | None) -> tuple[object, ...] | None:
    return None if check is None else (check.result.status, check.result.earned)


def _points(check: CheckGrade | None) -> float:
    return 0.0 if check is None else check.score


def _tier(question: QuestionGrade) -> str:
    speed = question.result.performance
    return (speed and speed.tier) or "not timed"


def _earned(points: float | None) -> str:
    return "no" if points is None else f"{points:g}"
