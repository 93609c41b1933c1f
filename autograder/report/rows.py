"""What the class's page keeps of each grade, whose verdicts have a hundred times as much to say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from sys import intern
from typing import NamedTuple

from autograder.gradebook import Grade
from autograder.report.words import cell_place, newer_note
from autograder.result import (
    Load,
    QuestionResult,
    Sentence,
    Status,
    Suspicion,
    Visibility,
)


@dataclass(frozen=True)
class Incident:
    """Something that staff should look at: ``what`` happened to ``student``, ``where``, why."""

    student: str
    what: str
    where: str
    reason: Sentence | str


class CheckRow(NamedTuple):
    """How one check ended for one student."""

    question: str
    check: str  # its id
    title: str
    visibility: Visibility
    status: Status
    score: float
    follows: bool  # from another check's failure


@dataclass(frozen=True)
class StudentRow:
    """What the class's page needs of one student's grade."""

    grade: Grade  # without checks, and of the notebook's loading only how long it took
    verdicts: tuple[CheckRow, ...]
    incidents: tuple[Incident, ...]

    @classmethod
    def of(cls, grade: Grade) -> StudentRow:
        # The same few texts stand in every grade; kept once, they weigh nothing.
        verdicts = tuple(
            CheckRow(intern(question.name), intern(check.id), intern(check.result.title),
                     check.result.visibility, check.result.status, check.score,
                     bool(check.result.account and check.result.account.follows))
            for question in grade.questions for check in question.checks)
        return cls(_light(grade), verdicts, tuple(_incidents(grade)))


def _light(grade: Grade) -> Grade:
    """``grade`` without checks, but for the verdicts that a fault of the suite's left open."""
    questions = [question.model_copy(update={"checks": [], "result": question.result.model_copy(
        update={"checks": [each for each in question.result.checks if each.fault],
                "wiring": None})}) for question in grade.questions]
    result = grade.result.model_copy(update={
        "questions": [question.result for question in questions],
        "load": Load(seconds=grade.result.load.seconds), "suspicions": []})
    return grade.model_copy(update={"questions": questions, "result": result})


def names_of(suspicions: Iterable[Suspicion]) -> str:
    """What a notebook names that staff should look at, and where it does first."""
    first = {one.name: one for one in reversed(list(suspicions))}
    return "It names " + ", ".join(
        f"{one.name} ({_place(one)}, line {one.line})" for one in reversed(first.values())) + "."


def _place(one: Suspicion) -> str:
    return one.module if one.cell is None else f"code cell {one.cell + 1}"


_WORTH_A_LOOK = (Status.CRASHED, Status.TIMEOUT, Status.INTERNAL)


def _incidents(grade: Grade) -> Iterator[Incident]:
    result = grade.result
    if not grade.is_graded:
        reason = result.message or "no reason recorded"
        yield Incident(result.student, result.status.value, "submission", reason)
    if grade.newer is not None:
        yield Incident(result.student, grade.newer.value, "submission", newer_note(grade))
    for said in result.submission.said:
        yield Incident(result.student, "handed in", "submission", said)
    slow = [error for error in result.load.errors if error.stopped == "timeout"]
    if slow:
        places = "; ".join(str(cell_place(error.cell, error.line)) for error in slow)
        yield Incident(result.student, "timeout", places, str(slow[0].reason or slow[0].message))
    if result.suspicions:
        cells = dict.fromkeys(one.cell + 1 for one in result.suspicions if one.cell is not None)
        where = ["code cells " + ", ".join(map(str, cells))] if cells else []
        where += [*dict.fromkeys(one.module for one in result.suspicions if one.module)]
        yield Incident(result.student, "suspicious", "; ".join(where),
                       names_of(result.suspicions))
    for question in result.questions:
        yield from _question_incidents(result.student, question)
        if question.performance is not None and question.performance.suspicion:
            yield Incident(result.student, "fast", question.name, question.performance.suspicion)


def _question_incidents(student: str, question: QuestionResult) -> Iterator[Incident]:
    """One for each status, so that a question that always hangs takes one line."""
    for status in _WORTH_A_LOOK:
        checks = [check for check in question.checks if check.status is status]
        if checks:
            what = checks[0].title if len(checks) == 1 else f"{len(checks)} checks"
            account = checks[0].account
            yield Incident(student, status.value, f"{question.name}: {what}",
                           checks[0].fault or (account and account.message) or "")
