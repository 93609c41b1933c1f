"""Name the misconception behind a question's failing checks.

Every misconception takes the same checks as the student did, on the same inputs. One whose
answers equal the student's on all failing checks, and which passes where the student passes, is a
diagnosis. Its answers are the same for every submission, and computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any

import torch

from autograder.judge.scoring import CONTRACT, Outcome
from autograder.judge.staff import Misconception
from autograder.result import Diagnosis, MismatchKind, Status

Take = Callable[[Misconception, str], Mapping[str, Outcome]]
"""(misconception, question) -> its outcome on every check of the question."""

_CLOSE = 1e-4  # relative: far above rounding, far below any two implementations' difference


def diagnose(
    outcomes: Sequence[Outcome], free: Container[str], candidates: Iterable[Misconception],
    take: Take, question: str,
) -> list[Diagnosis]:
    """The misconceptions that explain the failing checks; several when no input tells them apart,
    none when none fits. Failures that follow from others (``free``) need no explanation."""
    passed = [outcome.check.id for outcome in outcomes if outcome.status is Status.PASSED]
    groups = _groups([o for o in outcomes if o.check.id not in free], bool(passed))
    found: dict[str, Diagnosis] = {}
    for misconception in candidates if groups else ():
        theirs = take(misconception, question)
        if any(theirs[check].status is not Status.PASSED for check in passed):
            continue  # the student gets right what this one gets wrong
        if any(_explains(theirs, group, kind) for kind, group in groups):
            found[misconception.id] = Diagnosis(
                id=misconception.id, message=misconception.message
            )
    return list(found.values())


_Group = tuple[MismatchKind | None, list[Outcome]]


def _groups(outcomes: Sequence[Outcome], some_pass: bool) -> list[_Group]:
    """Failures that have one explanation: wrong values, what raises, each fault of the contract,
    and each refusal that is missing. Where nothing passes, and beside wrong values, other faults of
    the contract may come from these: they are left alone."""
    values = [o for o in outcomes if o.status is Status.FAILED and o.kind not in CONTRACT]
    raising = [o for o in outcomes if o.status is Status.ERROR]
    if values:
        groups: list[_Group] = [(None, values + raising)]
    else:
        groups = [(None, raising)] if raising else []
    for kind in CONTRACT if some_pass else ():
        group = [o for o in outcomes if o.status is Status.FAILED and o.kind is kind]
        if kind is MismatchKind.ACCEPTED:
            groups += [(kind, [outcome]) for outcome in group]
        elif group and not values:
            groups.append((kind, group))
    return groups


def _explains(
    theirs: Mapping[str, Outcome], group: Sequence[Outcome], kind: MismatchKind | None
) -> bool:
    for outcome in group:
        other = theirs[outcome.check.id]
        if other.status is not outcome.status or (kind is not None and other.kind is not kind):
            return False
        if kind is None and not same_answers(outcome.answers, other.answers):
            return False
    return True


def same_answers(ours: Sequence[object], theirs: Sequence[object]) -> bool:
    """Two examinees answered alike, dtype and rounding aside."""
    return len(ours) == len(theirs) and all(map(_same, ours, theirs))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        if one.shape != other.shape:
            return False
        if one.is_meta or other.is_meta:
            return one.is_meta and other.is_meta
        a, b = one.to(torch.complex128), other.to(torch.complex128)
        finite = b[b.isfinite()]
        scale = float(finite.abs().max()) if finite.numel() else 1.0
        return torch.allclose(a, b, rtol=_CLOSE, atol=_CLOSE * scale, equal_nan=True)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return same_answers(one, other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and same_answers(
            list(one.values()), list(other.values())
        )
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other or _near(one, other)
    return type(one) is type(other) and bool(one == other)


def _near(one: float, other: float) -> bool:
    try:
        return abs(one - other) <= _CLOSE * max(1.0, abs(other))
    except OverflowError:  # an int beyond every float
        return False
