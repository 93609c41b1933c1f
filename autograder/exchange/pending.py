"""Why a gradebook gets no score, or one that can still change: sentences for staff."""

from __future__ import annotations

from autograder.report.words import PENDING, say
from autograder.result import Result, SubmissionStatus


def why_left(result: Result) -> str | None:
    """Why there is no score; None when there is one."""
    if result.status is SubmissionStatus.GRADED:
        return None
    reason = f" ({say(result.message)})" if result.message else ""
    return f"{result.status.value}{reason}; the cell is left as it was"


def why_not_final(result: Result) -> list[str]:
    """A line about questions that have not run yet: the score that is written can still rise."""
    waiting = [question.name for question in result.questions if question.status in PENDING]
    return [f"{result.student}: not run yet: {', '.join(waiting)}; the score can rise"] \
        if waiting else []
