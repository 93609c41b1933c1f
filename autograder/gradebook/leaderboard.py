"""Who is how fast: among students who want to be seen, and whose functions are right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.course import Course
from autograder.result import QuestionResult, Result, Status, SubmissionStatus


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
             if result.student in course.leaderboard and result.status is SubmissionStatus.GRADED
             for entry in _entries(result, course, assignment)]
    return sorted(found, key=lambda entry: (entry.question, entry.device, entry.ratio))


def _entries(result: Result, course: Course, assignment: str) -> Iterator[LeaderboardEntry]:
    known = {question.name: question for question in result.questions}
    table = course.assignment(assignment)
    for question in table.questions:
        timed = known.get(question.name)
        owner = table.owner(question.performance.of) if question.performance else None
        examined = known.get(owner.name) if owner else None
        if timed is None or examined is None or not _is_right(examined, timed):
            continue
        performance = timed.performance
        if performance is not None and performance.ratio is not None and performance.interval:
            yield LeaderboardEntry(
                question.title, course.leaderboard[result.student], performance.ratio,
                performance.interval, performance.device)


def _is_right(examined: QuestionResult, timed: QuestionResult) -> bool:
    return examined.score >= examined.max_score and examined.status is Status.PASSED \
        and timed.status is Status.PASSED
