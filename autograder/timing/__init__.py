"""Timed questions: how fast a student's function is, against the staff's, by the judge's clock.

A question with a ``performance`` table in grader.toml is not examined by a suite. It is timed
after everything else, one submission at a time, by a ``Timekeeper`` (``timekeeper.py``); until then
its result is ``deferred``, and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from autograder.course import Assignment, Device, Question
from autograder.result import (
    Performance,
    QuestionResult,
    Result,
    Sentence,
    Status,
    sentence,
)


def with_timed(
    result: Result, assignment: Assignment, earlier: Result | None, digests: Mapping[str, str]
) -> Result:
    """``result`` of the examined questions, with the timed ones in their places: as they came out
    in ``earlier``, where nothing has changed since, or still to be timed.

    Args:
        digests: question -> what decides its verdicts now, as in ``question_digests``.
    """
    timed = [question for question in assignment.questions if question.performance]
    if not result.is_graded or not timed:
        return result
    found = []
    for question in timed:
        assert question.performance is not None
        owner = assignment.owner(question.performance.of)
        assert owner is not None, "reading grader.toml has checked it"
        before = earlier.question(question.name) if earlier is not None else None
        lasts = before is not None and before.suite == digests[question.name] and \
            _statuses(earlier, owner) == _statuses(result, owner)
        found.append(before if before is not None and lasts else deferred(question))
    return joined(result, assignment, found)


def _statuses(result: Result | None, question: Question) -> dict[str, Status] | None:
    found = result.question(question.name) if result is not None else None
    return {check.id: check.status for check in found.checks} if found else None


def joined(result: Result, assignment: Assignment, timed: Iterable[QuestionResult]) -> Result:
    """``result`` with these questions in their places, instead of what it had there."""
    known = {question.name: question for question in [*result.questions, *timed]}
    return result.model_copy(update={"questions": [
        known[question.name] for question in assignment.questions if question.name in known]})


def deferred(question: Question, reason: Sentence | None = None) -> QuestionResult:
    """A timed question that is not decided; ``reason`` None is that nobody has tried yet."""
    assert question.performance is not None
    device = question.performance.device
    if reason is None:
        reason = sentence("Not timed yet.") if device == "cpu" else sentence(
            "It is timed on a {device} device, which has not happened yet.", device=device)
    return QuestionResult(
        name=question.name, status=Status.DEFERRED, message=reason,
        performance=Performance(device=device))


def awaiting(
    result: Result, assignment: Assignment, devices: Collection[Device], again: bool = False
) -> list[Question]:
    """The questions of ``result`` that one of ``devices`` can time and nobody has; with
    ``again``, those that somebody has too."""
    if not result.is_graded:
        return []
    pending = {question.name for question in result.questions
               if question.status is Status.DEFERRED or again}
    return [question for question in assignment.questions
            if question.performance and question.performance.device in devices
            and question.name in pending]
