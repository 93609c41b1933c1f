"""Puts an assignment's checks to implementations: the student's, and those that staff wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Protocol

from autograder.course import Assignment, Question
from autograder.judge.check_run import CheckRun, Verdict, drawing_key
from autograder.judge.expected import ExpectedValues
from autograder.judge.implementation import Implementation, Local
from autograder.judge.scoring import Outcome
from autograder.judge.staff import JudgeError, Misconception, Staff
from autograder.judge.suite import Check, Suite, verdict_of
from autograder.protocol import Reply, Request, encode_request
from autograder.result import Status, sentence
from autograder.rules import Rule
from autograder.sandbox.client import SandboxError

PATIENCE = 3
"""Checks of one question that may run out of time before the rest is given up."""


@dataclass(frozen=True)
class Examiner:
    """Puts an assignment's checks to an implementation. The same for every submission."""

    assignment: Assignment
    suite: Suite
    staff: Staff
    key: bytes  # of the inputs: see ``drawing_key``
    expected_values: ExpectedValues = field(default_factory=ExpectedValues)
    _draws: dict[Check, bool] = field(default_factory=dict)

    def with_key(self, key: bytes) -> Examiner:
        """The same examiner with other inputs."""
        return replace(self, key=key, expected_values=ExpectedValues())

    def question(
        self, implementation: Implementation, question: Question,
        checks: Sequence[Check] | None = None, patience: int = PATIENCE,
    ) -> list[Outcome]:
        """These checks of one question, or all; after ``patience`` hangs the rest is given up."""
        outcomes: list[Outcome] = []
        for check in self.suite.checks[question.name] if checks is None else checks:
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
            deny=question.denied, key=self.key,
            expected_values=self.expected_values,
        )
        with self.staff.beside():
            ended = self.suite.run(check, run)
        if isinstance(ended, SandboxError):
            raise ended
        try:
            return Outcome(check, verdict_of(ended), tuple(run.answers), measured=run.measured)
        except JudgeError as error:
            return Outcome(check, None, tuple(run.answers), internal=str(error))

    def draws(self, question: Question, check: Check) -> bool:
        """Whether what the check asks depends on the key. If not, other inputs cannot stand for
        them, and to explain the check would be to show its own. What is measured is drawn, by what
        its author says: to measure twice to find that out would take too long."""
        if check.measures:
            return True
        if check not in self._draws:
            values = {name: getattr(self.staff.reference, name) for name in self.assignment.names}
            mine, others = _Heard(Local(values)), _Heard(Local(values))
            self.check(mine, question, check)
            self.with_key(_ANOTHER_KEY).check(others, question, check)
            self._draws[check] = any(
                one != other for one, other in zip_longest(mine.requests, others.requests))
        return self._draws[check]


_ANOTHER_KEY = drawing_key(b"another", "")


class _Heard:
    """An implementation, and all that it was asked."""

    missing: frozenset[str] = frozenset()

    def __init__(self, implementation: Implementation) -> None:
        self._implementation = implementation
        self.requests: list[object] = []

    def request(
        self, request: Request, *, seconds: float, deny: tuple[Rule, ...], seed: int
    ) -> Reply:
        self.requests.append(encode_request(0, request, (), None))
        return self._implementation.request(request, seconds=seconds, deny=deny, seed=seed)

    def apart(self, program: str, request: Request, *, seconds: float) -> Reply:
        return self._implementation.apart(program, request, seconds=seconds)


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
