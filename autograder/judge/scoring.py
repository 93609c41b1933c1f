"""From verdicts to points: exact fractions, rounded once, at the end."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from autograder.judge.suite import Check
from autograder.judge.taking import Verdict
from autograder.result import MismatchKind, Status

CONTRACT = frozenset(
    {MismatchKind.DTYPE, MismatchKind.DEVICE, MismatchKind.MUTATED, MismatchKind.GRADIENT,
     MismatchKind.ACCEPTED}
)
"""Faults of the contract, where the values are right. All but ACCEPTED have one cause however many
checks show it: they are charged once in a question, at the lightest check that shows them."""


@dataclass(frozen=True)
class Outcome:
    """How one examinee fared on one check, and what it answered on the way."""

    check: Check
    verdict: Verdict | None
    answers: tuple[object, ...] = ()
    internal: str | None = None  # our own fault, in words for staff

    @property
    def status(self) -> Status:
        if self.internal is not None:
            return Status.INTERNAL
        return Status.PASSED if self.verdict is None else self.verdict.status

    @property
    def kind(self) -> MismatchKind | None:
        mismatch = None if self.verdict is None else self.verdict.mismatch
        return None if mismatch is None else mismatch.kind


def faults(outcomes: Sequence[Outcome]) -> dict[MismatchKind, str]:
    """Each fault of the contract, and the lightest check that shows it: the one that is charged."""
    found: dict[MismatchKind, str] = {}
    for outcome in sorted(outcomes, key=lambda o: o.check.weight):
        if outcome.status is Status.FAILED and outcome.kind in CONTRACT:
            assert outcome.kind is not None
            found.setdefault(outcome.kind, outcome.check.id)
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
    own = faults(outcomes)
    contract = {o.check.id for o in outcomes if o.status is Status.FAILED and o.kind in CONTRACT}
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


def shares(
    outcomes: Sequence[Outcome], points: Decimal, free: Container[str]
) -> dict[str, tuple[Fraction, Fraction]]:
    """Check -> (points earned, points possible), exactly. Checks in ``free`` cost nothing."""
    total = sum((outcome.check.weight for outcome in outcomes), Fraction(0))
    found = {}
    for outcome in outcomes:
        possible = Fraction(points) * outcome.check.weight / total
        earns = outcome.status is Status.PASSED or outcome.check.id in free
        found[outcome.check.id] = (possible if earns else Fraction(0), possible)
    return found


def rounded(points: Fraction, places: int = 2) -> float:
    """Half up, as people round grades."""
    exact = Decimal(points.numerator) / Decimal(points.denominator)
    return float(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


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
