"""Who is how fast: among students who want to be seen, and whose functions are right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.course import Course, people
from autograder.result import Result, Status


@dataclass(frozen=True)
class LeaderboardEntry:
    """One line. ``ratio`` is the student's time over the staff solution's: the mean of all
    problems, geometric."""

    question: str
    alias: str
    ratio: float
    interval: tuple[float, float]
    device: str


def entries(results: Iterable[Result], course: Course, assignment: str) -> list[LeaderboardEntry]:
    """Everybody of ``[leaderboard]`` whose function passed every check and was timed, the fastest
    of each question first."""
    found = [entry for result in results
             if people.entry(course.leaderboard, result.student) and result.is_graded
             for entry in _entries(result, course, assignment)]
    return sorted(found, key=lambda entry: (entry.question, entry.device, entry.ratio))


def _entries(
    result: Result, course: Course, assignment: str
) -> Iterator[LeaderboardEntry]:
    table = course.assignment(assignment)
    shown = people.entry(course.leaderboard, result.student) or ""
    for question in table.questions:
        timed = result.question(question.name)
        owner = table.owner(question.performance.of) if question.performance else None
        examined = result.question(owner.name) if owner else None
        if timed is None or examined is None \
                or not examined.status is timed.status is Status.PASSED:
            continue
        performance = timed.performance
        if performance is not None and performance.ratio is not None and performance.interval:
            yield LeaderboardEntry(
                question.title, shown, performance.ratio,
                performance.interval, performance.device)
