"""Questions of kind ``tests``: what a student's tests say of implementations, right ones and wrong.

The student's function is called with a function in place of the one it tests. Whatever it asks of
that is answered from a process of its own, which holds implementations that staff wrote: the
reference, alternatives, misconceptions. Of none of these does the student's process see more than
answers. Each implementation is met by a fresh worker, so that no test can count them, or by none,
where another has answered the same; and in explaining sessions, for what is told of the outcome
would else be a way out for secret inputs. From the second worker on, only those statements of the
notebook run that the tests need: where the tests say of the first implementation what they said
among all the others.

Tests have a clock, and chance. So among the wrong ones, of which they cannot know the order, they
meet right ones again, which answer as soon as the wrong one did that was in this place.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cached_property
from typing import Any

import torch

from autograder.course import Assignment, Question
from autograder.judge import accounts
from autograder.judge.answerer import Answerer
from autograder.judge.dialogues import Dialogue, Dialogues
from autograder.judge.implementation import Student, copied
from autograder.judge.sessions import Sessions
from autograder.judge.staff import JudgeError, Misconception, Staff
from autograder.protocol import CallTests, Inquiry, Raised
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
from autograder.sandbox.client import Asked, WorkerLost
from autograder.submission import Notebook

_RIGHT = "right_implementations"
_AGAIN = 2  # right ones, among the wrong ones
_STAR = re.compile(r"\bimport\s*\(?\s*\*")  # can bind what no text says
_BY_TEXT = ("exec", "eval", "globals", "locals", "setattr", "vars")  # can bind what a text says


class _Said(Enum):
    """What tests say of an implementation."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOTHING = "nothing"  # they did not end


@dataclass(frozen=True)
class _TestsOutcome:
    said: _Said
    raised: Raised | None = None
    lost: WorkerLost | None = None


class Suspects:
    """What the tests of one question are put to."""

    def __init__(self, question: Question, of: str, staff: Staff) -> None:
        """Raises JudgeError where there is nothing wrong to be found."""
        self.question = question
        self.of = of
        self._staff = staff
        [self.name] = question.names
        self._mistakes = [each for each in staff.misconceptions if each.name == of]
        if not self._mistakes:
            raise JudgeError(f"{self.name} is put to the misconceptions of {of}, and there is "
                             "none; write what students get wrong, in misconceptions.py")

    @cached_property
    def right(self) -> tuple[str, ...]:
        """Programs, as cells of a notebook.

        Raises:
            JudgeError: the reference's tests fail on one of them.
        """
        others = [each for each in self._staff.alternatives
                  if each.name == self.of and each.at_least == 1 and each.is_for_tests]
        for implementation in (getattr(self._staff.reference, self.of), *(
                each.implementation for each in others)):
            if (error := self._rejected(implementation)) is not None:
                raise JudgeError(
                    f"the reference's {self.name} fails on a right implementation of {self.of}: "
                    f"{type(error).__name__}: {error}")
        return (self._staff.program, *(each.program for each in others))

    @cached_property
    def wrong(self) -> tuple[Misconception, ...]:
        """Those that the reference's own tests find.

        Raises:
            JudgeError: they find none.
        """
        found = tuple(each for each in self._mistakes
                      if self._rejected(each.implementation) is not None)
        if not found:
            raise JudgeError(
                f"the reference's {self.name} finds no mistake among the misconceptions of "
                f"{self.of}; write tests that do, or misconceptions that can be found")
        return found

    def _rejected(self, implementation: Callable[..., Any]) -> Exception | None:
        return _rejects(getattr(self._staff.reference, self.name), implementation)


def suspects(assignment: Assignment, staff: Staff) -> list[Suspects]:
    """Of each question of kind ``tests``. What that takes, up to a second, is done when the first
    student has written some. Raises JudgeError where there is nothing wrong to be found."""
    return [Suspects(question, question.of, staff) for question in assignment.questions
            if question.kind == "tests" and question.of is not None]


def _rejects(tests: Callable[..., object], implementation: Callable[..., Any]) -> Exception | None:
    """What the reference's tests raise of an implementation, which answers them as it would from
    another process."""

    def answering(*arguments: Any, **keywords: Any) -> Any:
        try:
            with torch.random.fork_rng(devices=[]):
                torch.default_generator.manual_seed(0)
                return implementation(*copied(arguments), **copied(keywords))
        except Exception as error:
            raise ValueError("it refuses these arguments") from error

    try:
        tests(answering)
    except Exception as error:
        return error
    return None


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
    if not any(name in cell.source or _STAR.search(cell.source)
               for cell in sessions.notebook.cells):
        return unwritten
    if _is_stub(sessions.notebook, name):
        return unfinished
    student = sessions.explaining()
    if name in student.missing:
        return unwritten
    try:
        right, wrong = suspects.right, suspects.wrong
    except JudgeError as error:
        return _internal(suspects.question, str(error))

    with sessions.answering([*right, *(each.program for each in wrong)], suspects.of) as answering:
        tests = _TestRuns(student, CallTests(name, suspects.of), seconds)
        accused = next((each for each in map(tests.say, answering[:len(right)])
                        if each.said is not _Said.ACCEPTED), None)
        if accused and accused.raised and accounts.is_unwritten(accused.raised, sessions.line):
            return unfinished
        found: list[int] = []
        if is_again := accused is None:
            found, accused = _found(tests, answering[:len(right)], answering[len(right):])
    checks = [_check(_RIGHT, str(sentence("Every right implementation passes.")), Fraction(0),
                     _accused(accused, sessions, seconds, is_again) if accused else None)]
    for place, each in enumerate(wrong):
        is_found = accused is None and place in found
        checks.append(_check(
            each.id, str(each.message), Fraction(1), None if is_found else Account(
                status=Status.FAILED, message=sentence(
                    "Your tests do not find this mistake yet.") if accused is None else sentence(
                    "Not run: your tests fail on an implementation that is right."))))
    is_right = all(check.status is Status.PASSED for check in checks)
    return QuestionResult(
        name=suspects.question.name, status=Status.PASSED if is_right else Status.FAILED,
        message=_summary(checks, accused is not None), checks=checks)


def _is_stub(notebook: Notebook, name: str) -> bool:
    """Whether all that binds ``name`` is the stub that was handed out. False where in doubt."""
    try:
        trees = [ast.parse(cell.source) for cell in notebook.cells
                 if name in cell.source or "*" in cell.source]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    nodes = [node for tree in trees for node in ast.walk(tree)]
    if any(_binds(node, name) for node in nodes):
        return False
    defined = [node for node in nodes if isinstance(
        node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name]
    if len(defined) != 1 or defined[0].decorator_list:
        return False
    *before, last = defined[0].body
    return isinstance(last, ast.Raise) and isinstance(last.exc, ast.Call) \
        and isinstance(last.exc.func, ast.Name) and last.exc.func.id == "NotImplementedError" \
        and all(isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
                for each in before)


def _binds(node: ast.AST, name: str) -> bool:
    """Whether it may give ``name`` another meaning, as a definition does."""
    match node:
        case ast.Name(id=id, ctx=context):
            return id in _BY_TEXT or (id == name and not isinstance(context, ast.Load))
        case ast.alias(name=imported, asname=known):
            return name in (imported, known) or imported == "*"
    return False


class _TestRuns:
    """A student's tests, put to one implementation after the other."""

    def __init__(self, student: Student, request: CallTests, seconds: float) -> None:
        self._student = student
        self._request = request
        self._seconds = seconds
        self._dialogues: Dialogues[_TestsOutcome] = Dialogues()
        self._first: Answerer | None = None  # who was met among all that the notebook holds
        self._needed: tuple[str, ...] | None = None  # all that is to be there, once it is known
        self.runs = 0
        self.ahead = 0
        """How many answers were at hand when they ran last."""

    def say(self, answers: Answerer) -> _TestsOutcome:
        """What they say, in a fresh worker; or what they would say, where another answered the
        same."""
        return self._put(answers, None)

    def say_again(self, answers: Answerer, ahead: int) -> _TestsOutcome:
        """What they say when they are run, whatever is known, with so many answers at hand."""
        return self._put(answers, ahead)

    def _put(self, answers: Answerer, ahead: int | None) -> _TestsOutcome:
        dialogue = self._dialogue(answers)
        try:
            with self._student.on_its_time() as left:
                known = dialogue.known(min(self._seconds, left()))
            if known is not None and ahead is None:
                return known
            if ahead is not None:
                dialogue.keep_ahead(ahead)
            if self._needed is None and self._first is not None:
                self._needed = self._seen_alone(self._first)
            self.runs, self.ahead = self.runs + 1, dialogue.ahead
            outcome = self._run(dialogue, self._needed or ())
        except WorkerLost as lost:
            return _TestsOutcome(_Said.NOTHING, lost=lost)
        if self._needed and outcome.raised and outcome.raised.type == "NameError":
            self._needed = ()
            return self._put(answers, ahead)
        dialogue.ended(outcome)
        self._first = self._first or answers
        return outcome

    def _seen_alone(self, first: Answerer) -> tuple[str, ...]:
        """What the next workers are to hold: the tests with what they need, where these say the
        same as among everything else, which may take long to run; all, where they do not."""
        alone = (self._request.tests,)
        dialogue = self._dialogue(first)
        try:
            return alone if dialogue.agrees(self._run(dialogue, alone)) else ()
        except WorkerLost:
            return ()

    def _dialogue(self, answers: Answerer) -> Dialogue[_TestsOutcome]:
        return self._dialogues.begin(_only(self._request.of, answers))

    def _run(
        self, dialogue: Dialogue[_TestsOutcome], needed: tuple[str, ...]
    ) -> _TestsOutcome:
        """Raises WorkerLost."""
        self._student.restart(needed)
        reply = self._student.request(self._request, seconds=self._seconds, asked=dialogue)
        return _TestsOutcome(_Said.ACCEPTED) if reply.raised is None else \
            _TestsOutcome(_Said.REJECTED, raised=reply.raised)


def _found(
    tests: _TestRuns, right: Sequence[Answerer], wrong: Sequence[Answerer]
) -> tuple[list[int], _TestsOutcome | None]:
    """The places of the wrong ones that tests find, in an order that they cannot know; or what they
    say of a right one that they have accepted, and meet again somewhere among these."""
    chance = random.SystemRandom()
    order = chance.sample(range(len(wrong)), len(wrong))
    again = [chance.choice(right) for _ in range(_AGAIN)]
    at = sorted(chance.randrange(len(order)) for _ in again)
    found: list[int] = []
    for turn, place in enumerate(order):
        runs = tests.runs
        if tests.say(wrong[place]).said is _Said.REJECTED:
            found.append(place)
        is_place = tests.runs > runs or turn + 1 == len(order)
        while found and is_place and at and at[0] <= turn:
            del at[0]
            met = tests.say_again(again.pop(), tests.ahead)
            if met.said is _Said.REJECTED:
                return [], met
    return found, None


def _only(of: str, answers: Asked) -> Asked:
    """Answers for the tested function and for no other; why it refuses is not told."""

    def asked(inquiry: Inquiry, seconds: float) -> Any:
        if inquiry.function != of:
            raise WorkerLost("protocol", f"it asked for the answer of {inquiry.function[:100]!r}")
        try:
            return answers(inquiry, seconds)
        except ValueError:
            raise ValueError("it refuses these arguments") from None

    return asked


def _accused(
    outcome: _TestsOutcome, sessions: Sessions, seconds: float, is_again: bool
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
