"""What the class's page keeps of each grade: all its verdicts would take a hundred times the
memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from sys import intern
from typing import NamedTuple

from autograder.gradebook import Grade
from autograder.report.translations import ENGLISH, Language
from autograder.report.words import cell_place, say
from autograder.result import (
    Load,
    QuestionResult,
    Status,
    SubmissionStatus,
    Suspicion,
    Visibility,
    sentence,
)


@dataclass(frozen=True)
class Incident:
    """Something that staff should look at: ``what`` happened to ``student``, ``where``, why; in one
    language, but for a ``reason`` that is_english whatever that is."""

    student: str
    what: str
    where: str
    reason: str
    is_english: bool = False


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
        return cls(_light(grade), verdicts, tuple(incidents_of(grade)))


def _light(grade: Grade) -> Grade:
    """``grade`` without checks, but for the verdicts that a fault of the suite's left open."""
    questions = [question.model_copy(update={"checks": [], "result": question.result.model_copy(
        update={"checks": [each for each in question.result.checks if each.fault],
                "wiring": None})}) for question in grade.questions]
    result = grade.result.model_copy(update={
        "questions": [question.result for question in questions],
        "load": Load(seconds=grade.result.load.seconds), "suspicions": []})
    return grade.model_copy(update={"questions": questions, "result": result})


def names_of(suspicions: Iterable[Suspicion], spoken: Language = ENGLISH) -> str:
    """What a notebook names that staff should look at, and where it does first."""
    first = {one.name: one for one in reversed(list(suspicions))}
    return say(sentence("It names {names}.", names=", ".join(
        f"{one.name} ({_place(one, spoken)})" for one in reversed(first.values()))), spoken)


def _place(one: Suspicion, spoken: Language) -> str:
    if one.cell is None:
        return say(sentence("{file}, line {line}", file=one.module, line=one.line), spoken)
    return say(sentence("code cell {cell}, line {line}", cell=one.cell + 1, line=one.line), spoken)


_HANDED_IN, _TIMEOUT, _SUSPICIOUS, _FAST = (
    sentence("what was handed in"), sentence("timeout"), sentence("suspicious"), sentence("fast"))
_CRASHED, _INTERNAL = sentence("crashed"), sentence("internal")
_WHAT = {SubmissionStatus.UNREADABLE: sentence("unreadable"), SubmissionStatus.INTERNAL: _INTERNAL}
_OLDER = {
    SubmissionStatus.UNREADABLE: sentence("It is the newest hand-in; an older one counts."),
    SubmissionStatus.INTERNAL: sentence("Grading failed since; the grade of before counts.")}
_WORTH_A_LOOK = {Status.CRASHED: _CRASHED, Status.TIMEOUT: _TIMEOUT, Status.INTERNAL: _INTERNAL}


def incidents_of(grade: Grade, spoken: Language = ENGLISH) -> Iterator[Incident]:
    """What staff should look at of a grade, in their language."""
    result, student = grade.result, grade.student
    submission = say(sentence("submission"), spoken)
    if not grade.is_graded:
        yield Incident(student, say(_WHAT[result.status], spoken), submission,
                       say(result.message or sentence("no reason recorded"), spoken))
    if grade.newer is not None:
        yield Incident(student, say(_WHAT[grade.newer], spoken), submission,
                       say(_OLDER[grade.newer], spoken))
    for said in result.submission.said:
        yield Incident(student, say(_HANDED_IN, spoken), submission, say(said, spoken))
    slow = [error for error in result.load.errors if error.stopped == "timeout"]
    if slow:
        places = "; ".join(say(cell_place(error.cell, error.line), spoken) for error in slow)
        yield Incident(student, say(_TIMEOUT, spoken), places,
                       say(slow[0].reason or slow[0].message, spoken))
    if result.suspicions:
        cells = dict.fromkeys(one.cell + 1 for one in result.suspicions if one.cell is not None)
        where = [say(sentence("code cells: {cells}", cells=", ".join(map(str, cells))), spoken)] \
            if cells else []
        where += [*dict.fromkeys(one.module for one in result.suspicions if one.module)]
        yield Incident(student, say(_SUSPICIOUS, spoken), "; ".join(where),
                       names_of(result.suspicions, spoken))
    for question in result.questions:
        yield from _of_question(student, question, spoken)
        if question.performance is not None and question.performance.suspicion:
            yield Incident(student, say(_FAST, spoken), question.name,
                           question.performance.suspicion, is_english=True)


def _of_question(student: str, question: QuestionResult, spoken: Language) -> Iterator[Incident]:
    """One for each status, so that a question that always hangs takes one line."""
    for status, what in _WORTH_A_LOOK.items():
        checks = [check for check in question.checks if check.status is status]
        if checks:
            which = checks[0].title if len(checks) == 1 else sentence(
                "{many} checks", many=len(checks))
            fault, account = checks[0].fault, checks[0].account
            reason = say(account.message, spoken) if account and account.message else ""
            yield Incident(student, say(what, spoken), f"{question.name}: {say(which, spoken)}",
                           fault or reason, is_english=bool(fault))
