"""Timed questions that wait to be timed, and their places in a result."""

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
from autograder.timing.devices import NO_GPU, lacks


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


def deferred(
    question: Question, reason: Sentence | None = None, suspicion: str = ""
) -> QuestionResult:
    """A timed question that is not decided; ``reason`` None is that nobody has tried yet, or that
    this machine cannot. ``suspicion``, for staff: why a person should read the code."""
    assert question.performance is not None
    device = question.performance.device
    return QuestionResult(
        name=question.name, status=Status.DEFERRED, message=reason or _not_yet(device),
        performance=Performance(device=device, suspicion=suspicion))


def _not_yet(device: Device) -> Sentence:
    lacking = lacks(device)
    if device == "cpu" or lacking is None:
        return sentence("Not timed yet.")
    if lacking == NO_GPU:
        return sentence("Not timed yet: it is timed on a GPU, and the machine that graded the rest "
                        "has none.")
    return sentence("Not timed yet: it is timed on a GPU, and that of the machine that graded the "
                    "rest cannot be used ({lacking}).", lacking=lacking)


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
