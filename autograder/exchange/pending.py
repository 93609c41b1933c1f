"""Why a gradebook gets no score, or one that can still change: sentences for staff."""

from __future__ import annotations

from autograder.gradebook import Grade
from autograder.report.words import say


def why_left(grade: Grade) -> str | None:
    """Why there is no score; None when there is one."""
    result = grade.result
    if result.is_graded:
        return None
    reason = f" ({say(result.message)})" if result.message else ""
    return f"{result.status.value}{reason}; the cell is left as it was"


def why_not_final(grade: Grade) -> list[str]:
    """A line about questions that nobody has run or marked yet: the score that is written can still
    rise."""
    texts = {question.name for question in grade.questions if question.kind == "text"}
    left = {"not run yet": [name for name in grade.open if name not in texts],
            "not marked yet": [name for name in grade.open if name in texts]}
    said = [f"{what}: {', '.join(names)}" for what, names in left.items() if names]
    return [f"{grade.student}: {'; '.join(said)}; the score can rise"] if said else []
