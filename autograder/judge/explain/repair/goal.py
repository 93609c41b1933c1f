"""What a candidate has to reach, check by check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from autograder.judge.scoring import Outcome
from autograder.judge.suite import Check
from autograder.result import MismatchKind, Status

_HOPELESS = frozenset({Status.TIMEOUT, Status.CRASHED, Status.FORBIDDEN, Status.INTERNAL})


class Goal:
    """Values are right, and nothing is broken that the student's own code does.

    Faults of the contract may stay beside wrong values, for they are told as they are. So may what
    raises independently of these, and what code as textbooks write it does not do either: each
    where something else is to be made right. Nobody searches for refusals, for every accident is
    one.
    """

    def __init__(self, before: Sequence[Outcome], textbook: Callable[[Check], bool]) -> None:
        """``before``: how the student's own code fared. ``textbook``: whether textbook code is
        right on a check."""
        self._before = {outcome.check.id: outcome for outcome in before}
        self._wrong = [o for o in before if not _is_sound(o)]
        self._textbook = textbook

    @cached_property
    def _lenient(self) -> set[str]:
        """Checks that textbook code fails, too; none where these are all that is wrong."""
        found = {o.check.id for o in self._wrong if not self._textbook(o.check)}
        return found if len(found) < len(self._wrong) else set()

    @cached_property
    def _is_of_values(self) -> bool:
        """Whether answers are wrong, so that what raises beside them is another matter."""
        return any(o.status is Status.FAILED and o.check.id not in self._lenient
                   for o in self._wrong)

    @cached_property
    def order(self) -> list[Check]:
        """What is to be made right first, wrong values before what raises: most candidates end at
        the first check."""
        def rank(outcome: Outcome) -> int:
            if not self.allows(outcome):
                return 0 if outcome.status is Status.FAILED else 1
            return 2 if outcome.status is Status.PASSED else 3

        return [outcome.check for outcome in sorted(self._before.values(), key=rank)]

    @property
    def is_worth_it(self) -> bool:
        """Whether there is something to be made right, and code that answers at all."""
        return not any(o.status in _HOPELESS or _is_a_stub(o) for o in self._before.values()) \
            and not all(self.allows(o) for o in self._before.values())

    def is_reached(self, outcomes: Sequence[Outcome]) -> bool:
        """Whether a candidate that fares like this is a repair. That bad arguments are accepted
        which raised something odd before makes nothing right."""
        return len(outcomes) == len(self._before) and all(map(self.allows, outcomes)) and any(
            not self.allows(self._before[o.check.id]) and o.kind is not MismatchKind.ACCEPTED
            for o in outcomes)

    def before(self, check: Check) -> Outcome:
        return self._before[check.id]

    def allows(self, outcome: Outcome) -> bool:
        """Whether a candidate may fare like this on its check."""
        before = self._before[outcome.check.id]
        if outcome.status is Status.PASSED:
            return True
        if before.status is Status.PASSED:  # it may have refused because it always raised
            return outcome.kind is MismatchKind.ACCEPTED and any(
                o.status is Status.ERROR for o in self._wrong)
        if outcome.mark.is_fault:
            return bool(self._wrong) or outcome.kind is MismatchKind.ACCEPTED
        if outcome.check.id in self._lenient:
            return True
        return self._is_of_values and before.status is outcome.status is Status.ERROR \
            and _type(before) == _type(outcome)


def left(outcomes: Sequence[Outcome]) -> tuple[int, int]:
    """What is still wrong: values and exceptions, and all that does not pass."""
    return (sum(not _is_sound(o) for o in outcomes),
            sum(o.status is not Status.PASSED for o in outcomes))


def _is_sound(outcome: Outcome) -> bool:
    return outcome.status is Status.PASSED or outcome.mark.is_fault


def _is_a_stub(outcome: Outcome) -> bool:
    """Whether the student's own code says that it is not written yet; torch says so of others'."""
    raised = outcome.verdict.raised if outcome.verdict else None
    return outcome.status is Status.ERROR and raised is not None \
        and raised.type == "NotImplementedError" and raised.line is not None


def _type(outcome: Outcome) -> str | None:
    raised = outcome.verdict.raised if outcome.verdict else None
    return raised.type if raised else None
