"""One submission's examination: every check, follow-through, diagnosis."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Protocol

import torch

from autograder.course import Assignment, Question
from autograder.judge import scoring
from autograder.judge.check_run import CheckRun, Verdict, built_in
from autograder.judge.expected import ExpectedValues
from autograder.judge.explain.diagnosis import diagnose
from autograder.judge.explain.wiring import wiring
from autograder.judge.implementation import Implementation, Local
from autograder.judge.scoring import Mark, Outcome, sound
from autograder.judge.staff import JudgeError, Misconception, Staff
from autograder.judge.suite import Check, Suite, verdict_of
from autograder.result import (
    CheckResult,
    MismatchKind,
    QuestionResult,
    Sentence,
    Status,
    Wiring,
    sentence,
)
from autograder.sandbox.client import SandboxError

# Checks of one question that may run out of time before the rest is given up; and where a function
# it builds on has hung already.
_PATIENCE, _LITTLE_PATIENCE = 3, 1
# Elements in all the arguments of one question to a stand-in: far more than any check gives, and
# little enough that the judge answers in well under a second.
_LARGEST_QUESTION = 1 << 17


@dataclass(frozen=True)
class Examiner:
    """Puts an assignment's checks to an implementation. The same for every submission."""

    assignment: Assignment
    suite: Suite
    staff: Staff
    key: bytes  # from the course's secret and the assignment's name: see ``drawing_key``
    expected_values: ExpectedValues = field(default_factory=ExpectedValues)

    def with_key(self, key: bytes) -> Examiner:
        """The same examiner with other hidden inputs."""
        return replace(self, key=key)

    def question(
        self, implementation: Implementation, question: Question, patience: int = _PATIENCE
    ) -> list[Outcome]:
        """Every check of one question; after ``patience`` hangs the rest is given up."""
        outcomes: list[Outcome] = []
        for check in self.suite.checks[question.name]:
            if sum(outcome.status is Status.TIMEOUT for outcome in outcomes) >= patience:
                verdict = Verdict(Status.TIMEOUT, message=sentence(
                    "Not run: earlier checks took too long."))
                outcomes.append(Outcome(check, verdict))
            else:
                outcomes.append(self.check(implementation, question, check))
        return outcomes

    def check(self, implementation: Implementation, question: Question, check: Check) -> Outcome:
        """One check. A fault of ours becomes an outcome with status internal."""
        run = CheckRun(
            implementation=implementation, reference=self.staff.reference, question=question.name,
            check=check.id, seconds=check.seconds or self.assignment.limits.call_seconds,
            deny=tuple(question.forbid), key=self.key,
            expected_values=self.expected_values,
        )
        ended = self.suite.run(check, run)
        if isinstance(ended, SandboxError):
            raise ended
        try:
            return Outcome(check, verdict_of(ended), tuple(run.answers))
        except JudgeError as error:
            return Outcome(check, None, tuple(run.answers), internal=str(error))

    def wiring(
        self, implementation: Implementation, question: Question, checks: list[CheckResult]
    ) -> Wiring | None:
        """What a wrong sum of products adds up, where a visible check shows it."""
        name = next((name for name in question.names if hasattr(
            getattr(self.staff.reference, name), "sums_of_products")), None)
        if name is None:
            return None
        return wiring(checks, implementation, getattr(self.staff.reference, name), name=name,
                      seconds=self.assignment.limits.call_seconds, deny=tuple(question.forbid))

    def answer(self, name: str, arguments: Sequence[Any], upstream: torch.Tensor | None) -> Any:
        """The reference's answer for a function that the judge stands in for.

        Raises:
            ValueError: the arguments are larger than any check could lead to.
        """
        tensors = [value for value in (*arguments, upstream) if isinstance(value, torch.Tensor)]
        if sum(tensor.numel() for tensor in tensors) > _LARGEST_QUESTION:
            raise ValueError(f"{name} is asked about far more than any check has")
        function = getattr(self.staff.reference, name)
        if upstream is None:
            return function(*arguments)
        leaves = [argument.detach().requires_grad_(True)
                  if isinstance(argument, torch.Tensor) and argument.is_floating_point()
                  else argument for argument in arguments]
        wanted = [leaf for leaf in leaves if isinstance(leaf, torch.Tensor) and leaf.requires_grad]
        found = iter(torch.autograd.grad(function(*leaves), wanted, upstream, allow_unused=True))
        return [next(found) if isinstance(leaf, torch.Tensor) and leaf.requires_grad else None
                for leaf in leaves]


class Misconceived:
    """Outcomes of misconceptions, each computed when it is first asked for, and kept."""

    def __init__(self, examiner: Examiner) -> None:
        self._examiner = examiner
        self._kept: dict[tuple[str, str], OutcomesOnDemand] = {}

    def __call__(self, misconception: Misconception, question: str) -> Mapping[str, Outcome]:
        key = (misconception.id, question)
        if key not in self._kept:
            self._kept[key] = OutcomesOnDemand(self._examiner, misconception, question)
        return self._kept[key]


class OutcomesOnDemand(Mapping[str, Outcome]):
    """One misconception's outcomes on the checks of one question, by check. One is taken when it is
    looked at: most misconceptions are ruled out by the first."""

    def __init__(self, examiner: Examiner, misconception: Misconception, question: str) -> None:
        values = {name: getattr(examiner.staff.reference, name)
                  for name in examiner.assignment.names}
        values[misconception.name] = misconception.implementation
        self._local = Local(values)
        self._examiner = examiner
        self._question = examiner.assignment.question(question)
        self._checks = {check.id: check for check in examiner.suite.checks[question]}
        self._outcomes: dict[str, Outcome] = {}

    def __getitem__(self, check: str) -> Outcome:
        if check not in self._outcomes:
            outcome = self._examiner.check(self._local, self._question, self._checks[check])
            if outcome.status is Status.PASSED:  # right answers explain nothing
                outcome = replace(outcome, answers=())
            self._outcomes[check] = outcome
        return self._outcomes[check]

    def __iter__(self) -> Iterator[str]:
        return iter(self._checks)

    def __len__(self) -> int:
        return len(self._checks)


class Recorded(Protocol):
    """What takes the place of a suite with its reference and misconceptions, where nobody has
    these: see ``autograder.selfcheck.recording``."""

    @property
    def suite(self) -> Suite: ...

    @property
    def staff(self) -> Staff: ...

    def misconceived(self, examiner: Examiner) -> Misconceived: ...


def examine(
    examiner: Examiner, misconceived: Misconceived, student: Implementation,
    corrected: Callable[[list[str]], Implementation], near: Mapping[str, str],
    earlier: Mapping[str, QuestionResult], stale: Collection[str],
) -> list[QuestionResult]:
    """Grade the questions named ``stale``, and those that build on one that came out otherwise.

    Args:
        corrected: makes an implementation with the same code, in which the named functions are the
            reference's, for follow-through credit.
        near: graded name that is missing -> a name that is defined and looks like it.
        earlier: how the questions came out before, as far as they did.

    Returns:
        The verdicts on every question: shares of its points, and no points.
    """
    assignment = examiner.assignment
    marks = {name: [Mark.of(check) for check in result.checks] for name, result in earlier.items()}
    fresh: dict[str, list[Outcome]] = {}
    waiting = [question for question in assignment.questions if question.name in stale]
    while waiting:
        changed = set()
        for question in waiting:
            outcomes = examiner.question(student, question, _patience(assignment, question, marks))
            fresh[question.name] = outcomes
            made = [outcome.mark for outcome in outcomes]
            if marks.get(question.name) != made:
                marks[question.name] = made
                changed.update(question.names)
        waiting = [question for question in assignment.questions
                   if question.name not in fresh and changed.intersection(question.uses)]
    wrong = {name for question in assignment.questions if not sound(marks[question.name])
             for name in question.names}
    results = []
    for question in assignment.questions:
        if question.name not in fresh:
            results.append(earlier[question.name])
            continue
        first = fresh[question.name]
        helpers = [name for name in question.uses if name in wrong]
        second = None
        if helpers and scoring.summary(first) not in (Status.PASSED, Status.INTERNAL):
            second = examiner.question(corrected(helpers), question)
        free = scoring.excuses(first, _inherited(assignment, question, marks))
        shown, excused = (first, free) if second is None else (second, scoring.excuses(second, {}))
        candidates = [m for m in examiner.staff.misconceptions if m.name in question.names]
        diagnosis = diagnose(shown, excused, candidates, misconceived, question.name)
        status = scoring.summary(first)
        checks = [_check(outcome, free) for outcome in first]
        results.append(QuestionResult(
            name=question.name, status=status, corrected=second and _share(second, excused),
            message=_message(question, first, status, near), diagnosis=diagnosis, checks=checks,
            wiring=None if diagnosis else examiner.wiring(student, question, checks),
        ))
    return results


def _patience(
    assignment: Assignment, question: Question, marks: Mapping[str, Sequence[Mark]]
) -> int:
    owners = filter(None, map(assignment.owner, question.uses))
    hung = any(mark.status is Status.TIMEOUT
               for owner in owners for mark in marks.get(owner.name, ()))
    return _LITTLE_PATIENCE if hung else _PATIENCE


def _inherited(
    assignment: Assignment, question: Question, marks: Mapping[str, Sequence[Mark]]
) -> dict[MismatchKind, str]:
    """Faults of the contract that the functions this question builds on have been charged for."""
    found: dict[MismatchKind, str] = {}
    for name in question.uses:
        owner = assignment.owner(name)
        if owner is not None:
            charged = scoring.faults(marks[owner.name])
            found |= {kind: f"{owner.name}.{check}" for kind, check in charged.items()}
    return found


def _share(outcomes: Sequence[Outcome], free: Container[str]) -> Fraction | None:
    """The share of the points that these outcomes earn; None where that is not known."""
    match scoring.summary(outcomes):
        case Status.INTERNAL:
            return None
        case Status.FORBIDDEN:
            return Fraction(0)
    total = sum((outcome.check.weight for outcome in outcomes), Fraction(0))
    return sum((outcome.check.weight for outcome in outcomes if _earns(outcome, free)),
               Fraction(0)) / total


def _earns(outcome: Outcome, free: Container[str]) -> bool:
    return outcome.status is Status.PASSED or outcome.check.id in free


def _check(outcome: Outcome, free: Mapping[str, str]) -> CheckResult:
    check, verdict = outcome.check, outcome.verdict
    raised = verdict.raised if verdict else None
    return CheckResult(
        id=check.id, title=check.title, status=outcome.status, weight=check.weight,
        earned=Fraction(_earns(outcome, free)), visibility=check.visibility,
        message=verdict.message if verdict else None, raised=raised and built_in(raised),
        cell=raised.cell if raised else None, line=raised.line if raised else None,
        mismatch=verdict.mismatch if verdict else None,
        evidence=verdict.evidence if verdict else None,
        follows=free.get(check.id), fault=outcome.internal,
    )


def _message(
    question: Question, outcomes: Sequence[Outcome], status: Status, near: Mapping[str, str]
) -> Sentence | None:
    if status is Status.FORBIDDEN:
        found = next(o for o in outcomes if o.status is Status.FORBIDDEN)
        return found.verdict.message if found.verdict else None
    if status is Status.INTERNAL:
        return sentence("The grader failed on this question; it will be graded again.")
    if any(outcome.status is Status.MISSING for outcome in outcomes):
        for name in question.names:
            if name in near:
                return sentence("{name} is not defined. Did you mean {near}?", name=name,
                                near=near[name])
    return None
