"""The timed tier: how fast a student's function is, against the staff's, by the judge's clock.

A question with a ``performance`` table in grader.toml is not examined by a suite. It is timed
after everything else, one submission at a time, by a ``Timekeeper`` (``timekeeper.py``); until then
its result is ``deferred``, and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from autograder.course import Assignment, Device, Question
from autograder.result import (
    Performance,
    QuestionResult,
    Result,
    Sentence,
    Status,
    SubmissionStatus,
    sentence,
)

_CENT = Decimal("0.01")


def with_timed(result: Result, assignment: Assignment) -> Result:
    """``result`` of the examined questions, with those that are still to be timed in their
    places."""
    if result.status is not SubmissionStatus.GRADED:
        return result
    known = {question.name: question for question in result.questions}
    waiting = [deferred(question) for question in assignment.questions
               if question.performance and question.name not in known]
    return replaced(result, assignment, waiting) if waiting else result


def deferred(question: Question, reason: Sentence | None = None) -> QuestionResult:
    """A timed question that is not decided; ``reason`` None is that nobody has tried yet."""
    assert question.performance is not None
    device = question.performance.device
    if reason is None:
        reason = sentence("Not timed yet.") if device == "cpu" else sentence(
            "It is timed on a {device} device, which has not happened yet.", device=device)
    return QuestionResult(
        name=question.name, title=question.title, status=Status.DEFERRED, score=0,
        max_score=float(question.points), bonus=question.bonus, message=reason,
        performance=Performance(device=device),
    )


def awaiting(
    result: Result, assignment: Assignment, devices: Collection[Device], again: bool = False
) -> list[Question]:
    """The questions of ``result`` that one of ``devices`` can time and nobody has; with
    ``again``, those that somebody has too."""
    if result.status is not SubmissionStatus.GRADED:
        return []
    pending = {question.name for question in result.questions
               if question.status is Status.DEFERRED or again}
    return [question for question in assignment.questions
            if question.performance and question.performance.device in devices
            and question.name in pending]


def replaced(
    result: Result, assignment: Assignment, timed: Collection[QuestionResult]
) -> Result:
    """``result`` with these questions in place of what it had of them, and its sum."""
    known = {question.name: question for question in (*result.questions, *timed)}
    questions = [known[question.name] for question in assignment.questions
                 if question.name in known]
    raw = sum((Decimal(str(question.score)) for question in questions), Decimal(0))
    score = float(raw.quantize(_CENT))
    return result.model_copy(update={
        "questions": questions, "score": score, "raw_score": score,
        "max_score": float(assignment.points),
    })
