"""Timed questions: how fast a student's function is, against the staff's, by the judge's clock.

A question with a ``performance`` table in grader.toml is not examined by a suite. It is timed
after everything else, one submission at a time, by a ``Timekeeper`` (``timekeeper.py``); until then
its result is ``deferred``, and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from autograder.course import Assignment, Device, Question
from autograder.gradebook.points import summed
from autograder.result import (
    Performance,
    QuestionResult,
    Result,
    Sentence,
    Status,
    SubmissionStatus,
    sentence,
)


def with_timed(
    result: Result, assignment: Assignment, earlier: Result | None, digests: Mapping[str, str]
) -> Result:
    """``result`` of the examined questions, with the timed ones in their places: as they came out
    in ``earlier``, where nothing has changed since, or still to be timed.

    Args:
        digests: question -> what decides its verdicts now, as in ``Course.question_digests``.
    """
    timed = [question for question in assignment.questions if question.performance]
    if result.status is not SubmissionStatus.GRADED or not timed:
        return result
    new = {question.name: question for question in result.questions}
    old = {question.name: question for question in earlier.questions} if earlier else {}
    questions = list(result.questions)
    for question in timed:
        assert question.performance is not None
        before, owner = old.get(question.name), assignment.owner(question.performance.of)
        assert owner is not None, "course.py has checked it"
        lasts = before is not None and before.suite == digests[question.name] and \
            _verdicts(old[owner.name]) == _verdicts(new[owner.name])
        questions.append(before if before is not None and lasts else deferred(question))
    return summed(result, assignment, questions)


def _verdicts(question: QuestionResult) -> dict[str, Status]:
    return {check.id: check.status for check in question.checks}


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
