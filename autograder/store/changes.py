"""What changed between two runs: for whom, by how much, and by which check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.course import Policy
from autograder.errors import AutograderError
from autograder.result import CheckResult, QuestionResult, Result, SubmissionStatus
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


def compare(store: Store, before: Run, after: Run, policy: Policy | None = None) -> Comparison:
    """What counts as of either run: results that it made, and earlier runs."""
    was = store.standing(before.assignment, policy, until=before.id)
    now = store.standing(after.assignment, policy, until=after.id)
    changes = []
    for student in sorted(was.keys() | now.keys()):
        if was.get(student) != now.get(student):
            first, second = (None if number is None else store.result(number)
                             for number in (was.get(student), now.get(student)))
            change = Change(student, _score(first), _score(second), tuple(_causes(first, second)))
            changes += [change] if change.causes else []
    return Comparison(before, after, len(was.keys() | now.keys()), tuple(changes))


def _score(result: Result | None) -> float | None:
    return result.score if result and result.status is SubmissionStatus.GRADED else None


def _causes(before: Result | None, after: Result | None) -> Iterator[Cause]:
    if before is None or after is None:
        yield Cause("", "result", _status(before), _status(after), None)
        return
    if before.submission.digest != after.submission.digest:
        yield Cause("", "files", before.submission.digest[:8], after.submission.digest[:8], None)
    if before.status is not after.status:
        yield Cause("", "status", _status(before), _status(after), None)
    questions = {question.name: question for question in before.questions}
    later = {question.name: question for question in after.questions}
    for name in dict.fromkeys([*questions, *later]):
        yield from _question_causes(name, questions.get(name), later.get(name))
    if before.penalty != after.penalty:
        yield Cause("", "taken off for lateness", f"{before.penalty:g}", f"{after.penalty:g}",
                    before.penalty - after.penalty)


def _status(result: Result | None) -> str:
    return "none" if result is None else result.status.value


def _question_causes(
    name: str, before: QuestionResult | None, after: QuestionResult | None
) -> Iterator[Cause]:
    """Checks that came out otherwise; where none did, what else moved the question's score."""
    gained = (after.score if after else 0) - (before.score if before else 0)
    if before is None or after is None:
        yield Cause(name, "question", "none" if before is None else before.status.value,
                    "none" if after is None else after.status.value, gained)
        return
    checks = {check.id: check for check in before.checks}
    later = {check.id: check for check in after.checks}
    found = [Cause(name, (later.get(id) or checks[id]).title, _outcome(checks.get(id)),
                   _outcome(later.get(id)), _points(later.get(id)) - _points(checks.get(id)))
             for id in dict.fromkeys([*checks, *later])
             if _verdict(checks.get(id)) != _verdict(later.get(id))]
    yield from found
    if before.max_score != after.max_score:
        yield Cause(name, "points of the question", f"{before.max_score:g}",
                    f"{after.max_score:g}", None if found else gained)
    elif before.follow_through != after.follow_through:
        yield Cause(name, "by a run on corrected helpers", _earned(before.follow_through),
                    _earned(after.follow_through), None if found else gained)
    elif _tier(before) != _tier(after):
        yield Cause(name, "speed", _tier(before), _tier(after), gained)
    elif not found and (gained or before.status is not after.status):
        yield Cause(name, "question", before.status.value, after.status.value, gained)


def _verdict(check: CheckResult | None) -> tuple[object, ...] | None:
    return None if check is None else (check.status, check.earned)


def _outcome(check: CheckResult | None) -> str:
    return "none" if check is None else check.status.value


def _points(check: CheckResult | None) -> float:
    return 0.0 if check is None else check.score


def _tier(question: QuestionResult) -> str:
    return (question.performance and question.performance.tier) or "not timed"


def _earned(points: float | None) -> str:
    return "no" if points is None else f"{points:g}"
