"""The leaderboard: how fast, or how good by its measured number, the work of students is who want
to be shown and whose answers are right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.course import Course, people
from autograder.result import QuestionResult, Result, Status


@dataclass(frozen=True)
class LeaderboardEntry:
    """One line: of a question that is timed, ``ratio``, ``interval`` and ``device``; of one that is
    measured, ``percent``. ``ratio`` is the student's time over the staff solution's: the mean of
    all problems, geometric."""

    question: str
    alias: str
    ratio: float | None = None
    interval: tuple[float, float] | None = None
    device: str | None = None
    percent: int | None = None


def entries(results: Iterable[Result], course: Course, assignment: str) -> list[LeaderboardEntry]:
    """Everybody of ``[leaderboard]`` whose function passed every check and was timed, the fastest
    of each question first; and of whom a number was measured, the largest first."""
    found = [entry for result in results
             if people.entry(course.leaderboard, result.student) and result.is_graded
             for entry in _entries(result, course, assignment)]
    return sorted(found, key=_rank)


def _rank(entry: LeaderboardEntry) -> tuple[str, str, float, str]:
    best = -entry.percent if entry.percent is not None else entry.ratio or 0.0
    return entry.question, entry.device or "", best, entry.alias


def _entries(
    result: Result, course: Course, assignment: str
) -> Iterator[LeaderboardEntry]:
    table = course.assignment(assignment)
    shown = people.entry(course.leaderboard, result.student) or ""
    for question in table.questions:
        verdict = result.question(question.name)
        if verdict is None:
            continue
        if verdict.measured is not None and verdict.status is not Status.FORBIDDEN:
            yield LeaderboardEntry(question.title, shown, percent=verdict.measured.percent)
        owner = table.owner(question.performance.of) if question.performance else None
        examined = result.question(owner.name) if owner else None
        if examined is not None and examined.status is Status.PASSED:
            yield from _timed(verdict, question.title, shown)


def _timed(timed: QuestionResult, title: str, shown: str) -> Iterator[LeaderboardEntry]:
    performance = timed.performance
    if timed.status is Status.PASSED and performance is not None \
            and performance.ratio is not None and performance.interval:
        yield LeaderboardEntry(title, shown, performance.ratio, performance.interval,
                               performance.device)
