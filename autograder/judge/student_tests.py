"""Questions of kind ``tests``: what a student's tests say of implementations, right ones and wrong.

The student's function is called with a function in place of the one it tests. Whatever it asks of
that is answered from a process of its own, which holds implementations that staff wrote
(``suspects``): the reference, alternatives, misconceptions. Of none of these does the student's
process see more than answers. The tests run (``tests_run``) in explaining sessions, for what is
told of the outcome would else be a way out for secret inputs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction

from autograder.course import Question
from autograder.judge import accounts
from autograder.judge.sessions import Sessions
from autograder.judge.staff import JudgeError
from autograder.judge.suspects import Suspects
from autograder.judge.tests_run import Said, StudentsTests, TestsOutcome, found_wrong
from autograder.protocol import CallTests
from autograder.result import (
    UNWRITTEN,
    Account,
    CheckResult,
    QuestionResult,
    Sentence,
    Status,
    Visibility,
    sentence,
)
from autograder.submission import stubs

_RIGHT = "right_implementations"


def examined(suspects: Suspects, sessions: Sessions, seconds: float) -> QuestionResult:
    """The verdict on a student's tests.

    Each wrong implementation that is found is worth as much as the others. Where a right one is
    accused, nothing counts. Where there are no tests, that is the verdict.
    """
    name = suspects.name
    unwritten = QuestionResult(
        name=suspects.question.name, status=Status.MISSING,
        message=sentence("There are no tests: {name} is not defined.", name=name))
    unfinished = unwritten.model_copy(update={"message": UNWRITTEN})
    # Most leave a bonus alone, and nobody has to start a process to see it.
    if not stubs.may_define(sessions.notebook, name):
        return unwritten
    if stubs.is_stub(sessions.notebook, name):
        return unfinished
    student = sessions.explaining()
    if name in student.missing:
        return unwritten
    try:
        right, wrong = suspects.right, suspects.wrong
    except JudgeError as error:
        return _internal(suspects.question, str(error))

    with sessions.answering([*right, *(each.program for each in wrong)], suspects.of) as answering:
        tests = StudentsTests(student, CallTests(name, suspects.of), seconds)
        accused = next((each for each in map(tests.say, answering[:len(right)])
                        if each.said is not Said.ACCEPTED), None)
        if accused and accused.raised and accounts.is_unwritten(accused.raised, sessions.line):
            return unfinished
        found: list[int] = []
        if is_again := accused is None:
            found, accused = found_wrong(tests, answering[:len(right)], answering[len(right):])
    return _verdict(suspects, found, None if accused is None else _accused(
        accused, sessions, seconds, is_again))


def _verdict(
    suspects: Suspects, found: Collection[int], accused: Account | None
) -> QuestionResult:
    """Of tests that ran: ``found`` are the places of wrong implementations that they reject,
    ``accused`` tells of a right one that they reject, too."""
    checks = [_check(_RIGHT, str(sentence("Every right implementation passes.")), Fraction(0),
                     accused)]
    not_found = sentence("Your tests do not find this mistake yet.") if accused is None else \
        sentence("Not run: your tests fail on an implementation that is right.")
    for place, each in enumerate(suspects.wrong):
        is_found = accused is None and place in found
        checks.append(_check(each.id, str(each.message), Fraction(1), None if is_found else Account(
            status=Status.FAILED, message=not_found)))
    is_right = all(check.status is Status.PASSED for check in checks)
    return QuestionResult(
        name=suspects.question.name, status=Status.PASSED if is_right else Status.FAILED,
        message=_summary(checks, accused is not None), checks=checks)


def _accused(
    outcome: TestsOutcome, sessions: Sessions, seconds: float, is_again: bool
) -> Account:
    if outcome.lost is not None and outcome.lost.why == "timeout":
        return Account(status=Status.TIMEOUT, message=sentence(
            "Your tests take longer than they may ({seconds} s) on an implementation that is "
            "right. Ask less often, or for less.", seconds=f"{seconds:g}"))
    if outcome.raised is None:
        return Account(status=Status.CRASHED, message=sentence(
            "Your tests do not come to an end on an implementation that is right."))
    return accounts.with_exception(Account(
        status=Status.FAILED,
        message=sentence(
            "Your tests accept an implementation that is right, and fail on it another time. They "
            "may go by its answers, and not by the time or by chance.") if is_again else sentence(
            "Your tests fail on an implementation that is right.")),
        outcome.raised, sessions.line)


def _internal(question: Question, fault: str) -> QuestionResult:
    """The staff's own tests are broken: no student's doing."""
    return QuestionResult(
        name=question.name, status=Status.INTERNAL,
        message=accounts.of_our_fault(),
        checks=[CheckResult(
            id=_RIGHT, title=str(sentence("Every right implementation passes.")), fault=fault,
            status=Status.INTERNAL, visibility=Visibility.VISIBLE)])


def _check(id: str, title: str, weight: Fraction, failed: Account | None) -> CheckResult:
    return CheckResult(
        id=id, title=title, status=Status.PASSED if failed is None else failed.status,
        weight=weight, earned=Fraction(failed is None), visibility=Visibility.VISIBLE,
        explained=failed)


def _summary(checks: Sequence[CheckResult], is_accusing: bool) -> Sentence:
    if is_accusing:
        return sentence("Your tests fail on an implementation that is right, so that nothing they "
                        "find counts.")
    wrong = [check for check in checks if check.id != _RIGHT]
    return sentence("Mistakes that your tests find: {found} of {count}.", count=len(wrong),
                    found=sum(check.status is Status.PASSED for check in wrong))
