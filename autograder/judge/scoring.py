"""From the verdicts on checks to a question's status. A root cause is charged once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from autograder.judge.check_run import Verdict
from autograder.judge.suite import Check
from autograder.result import Account, CheckResult, Measurement, MismatchKind, Status, Visibility

CONTRACT = frozenset(
    {MismatchKind.DTYPE, MismatchKind.DEVICE, MismatchKind.MUTATED, MismatchKind.GRADIENT,
     MismatchKind.ACCEPTED}
)
"""Faults of the contract, where the values are right. All but ACCEPTED have one cause however many
checks show it: they are charged once in a question, at the lightest check that shows them."""


@dataclass(frozen=True)
class Outcome:
    """How one implementation fared on one check, and what it answered on the way."""

    check: Check
    verdict: Verdict | None
    answers: tuple[object, ...] = ()
    internal: str | None = None  # our own fault, in words for staff
    measured: Measurement | None = None

    @property
    def status(self) -> Status:
        if self.internal is not None:
            return Status.INTERNAL
        return Status.PASSED if self.verdict is None else self.verdict.status

    @property
    def kind(self) -> MismatchKind | None:
        mismatch = None if self.verdict is None else self.verdict.mismatch
        return None if mismatch is None else mismatch.kind

    @property
    def mark(self) -> Mark:
        return Mark(self.check.id, self.check.weight, self.status, self.kind,
                    self.check.visibility is Visibility.VISIBLE)


@dataclass(frozen=True)
class Mark:
    """What questions that build on this check's question need to know of it."""

    check: str
    weight: Fraction
    status: Status
    kind: MismatchKind | None
    is_visible: bool

    @classmethod
    def decided(cls, check: CheckResult) -> Self:
        """The mark that was made in an earlier grading."""
        return cls._of(check, check.account, check.status)

    @classmethod
    def explained(cls, check: CheckResult) -> Self:
        """The mark of what was explained then."""
        status = check.explained.status if check.explained else Status.PASSED
        return cls._of(check, check.explained, status)

    @classmethod
    def _of(cls, check: CheckResult, account: Account | None, status: Status) -> Self:
        kind = account.mismatch.kind if account and account.mismatch else None
        return cls(check.id, check.weight, status, kind, check.visibility is Visibility.VISIBLE)

    @property
    def is_fault(self) -> bool:
        """Only the contract is broken: values are right."""
        return self.status is Status.FAILED and self.kind in CONTRACT


def sound(marks: Iterable[Mark]) -> bool:
    """Right but for faults of the contract."""
    return all(mark.status is Status.PASSED or mark.is_fault for mark in marks)


def faults(marks: Iterable[Mark]) -> dict[MismatchKind, str]:
    """Each fault of the contract, and the lightest check that shows it: the one that is charged."""
    found: dict[MismatchKind, str] = {}
    for mark in sorted(marks, key=lambda mark: mark.weight):
        if mark.is_fault and mark.kind is not None:
            found.setdefault(mark.kind, mark.check)
    return found


def excuses(
    outcomes: Sequence[Outcome], inherited: Mapping[MismatchKind, str]
) -> dict[str, str]:
    """Failed checks that cost nothing: check -> what its failure follows from.

    A root cause is charged once. A fault of the contract follows from the same fault of a
    function this question builds on (``inherited``), from the lightest check of the question that
    shows it, or, where the author says so, from another fault of the contract. Where nothing
    passes, nothing is excused.
    """
    if all(outcome.status is not Status.PASSED for outcome in outcomes):
        return {}
    own = faults(outcome.mark for outcome in outcomes)
    contract = {outcome.check.id for outcome in outcomes if outcome.mark.is_fault}
    found: dict[str, str] = {}
    for outcome in outcomes:
        name, kind = outcome.check.id, outcome.kind
        if name not in contract or kind is None:
            continue
        cause = next((check for check in outcome.check.follows if check in contract), None)
        if kind in inherited:
            found[name] = inherited[kind]
        elif cause is not None:
            found[name] = cause
        elif kind is not MismatchKind.ACCEPTED and own[kind] != name:
            found[name] = own[kind]
    return found


def summary(outcomes: Sequence[Outcome]) -> Status:
    """One status for the question."""
    found = {outcome.status for outcome in outcomes}
    for status in (Status.INTERNAL, Status.FORBIDDEN, Status.DEFERRED):
        if status in found:
            return status
    if found == {Status.PASSED}:
        return Status.PASSED
    if len(found) == 1:
        return found.pop()
    return Status.FAILED
