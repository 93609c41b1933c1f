"""Why a gradebook gets no score, or one that can still change: sentences for staff."""

from __future__ import annotations

from autograder.exchange.format import Known
from autograder.exchange.sheet import number
from autograder.gradebook import Grade
from autograder.names import shown
from autograder.report.words import newer_note, say


def why_left(grade: Grade) -> str | None:
    """Why there is no score; None when there is one."""
    if grade.is_graded:
        return None
    result = grade.result
    reason = f" ({say(result.message)})" if result.message else ""
    return f"{result.status.value}{reason}; the cell is left as it was"


def why_kept(student: str, cell: str, ours: str, known: Known) -> str | None:
    """Why what a person entered stays; None where the cell is free for ``ours``: empty, as the last
    export left it, or right already."""
    free = ("", "-", ours, known.cells.get(student, ""))  # Moodle's dash is no grade
    if known.overwrite or any(_same(cell, each) for each in free):
        return None
    return (f"{shown(cell)} stands there, which a person entered, and stays; ours is {ours} "
            f"({known.to_overwrite})")


def _same(cell: str, other: str) -> bool:
    """Whether two cells say the same: numbers as numbers, whatever their decimal sign."""
    one, two = number(cell), number(other)
    return cell == other if one is None or two is None else one == two


def why_older(grade: Grade) -> list[str]:
    """A line about a score that is not the newest hand-in's, for that is no grade."""
    return [f"{grade.student}: {newer_note(grade.newer)}"] if grade.newer else []


def why_not_final(grade: Grade) -> list[str]:
    """A line about questions that nobody has run or marked yet: the score that is written can still
    rise."""
    texts = {question.name for question in grade.questions if question.kind == "text"}
    left = {"not run yet": [name for name in grade.open if name not in texts],
            "not marked yet": [name for name in grade.open if name in texts]}
    said = [f"{what}: {', '.join(names)}" for what, names in left.items() if names]
    return [f"{grade.student}: {'; '.join(said)}; the score can rise"] if said else []
