"""Name the misconceptions behind a question's failing checks.

Every misconception takes the same checks as the student did, on the same inputs. One whose
answers equal the student's on the failing checks, and which passes where the student passes, is a
diagnosis. Its answers are the same for every submission, and computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import torch

from autograder.judge.arrays import as_number
from autograder.judge.check_run import likeness
from autograder.judge.scoring import CONTRACT, Outcome
from autograder.judge.staff import Misconception
from autograder.protocol import alike
from autograder.protocol.values import as_tensor, is_known_array
from autograder.result import Diagnosis, MismatchKind, Status

Take = Callable[[Misconception, str], Mapping[str, Outcome]]
"""(misconception, question) -> its outcome on every check of the question."""

_CLOSE = 1e-4  # relative: far above rounding, far below any two implementations' difference
_ANY = ("RuntimeError", "")
_GENERAL = {"RuntimeError", "IndexError"}  # shapes that do not fit, for whatever reason
_TELLING = 4  # numbers in an answer that is not the same by chance


@dataclass(frozen=True)
class _Suspect:
    """A misconception that passes wherever the student does."""

    misconception: Misconception
    outcomes: Mapping[str, Outcome]

    def explains(self, outcome: Outcome) -> bool:
        """Whether it fails this check as the student does."""
        theirs = self.outcomes[outcome.check.id]
        if theirs.status is not outcome.status:
            return False
        if outcome.kind in CONTRACT:
            return theirs.kind is outcome.kind and _aside(theirs) == _aside(outcome) and (
                outcome.kind is not MismatchKind.ACCEPTED
                or same_answers(outcome.answers, theirs.answers))
        return same_answers(outcome.answers, theirs.answers)

    def shapes(self, outcome: Outcome) -> bool:
        """Whether it gives this check's answer its wrong shape, whatever the numbers in it."""
        theirs = self.outcomes[outcome.check.id]
        return outcome.kind is theirs.kind is MismatchKind.SHAPE \
            and _wrong_shape(outcome) == _wrong_shape(theirs)

    def fails(self, outcome: Outcome) -> bool:
        return self.outcomes[outcome.check.id].status is not Status.PASSED


def diagnose(
    outcomes: Sequence[Outcome], free: Container[str], candidates: Iterable[Misconception],
    take: Take, question: str,
) -> list[Diagnosis]:
    """The misconceptions that explain the failing checks, each with the checks it explains.

    Several that explain the same checks cannot be told apart by any input. Failures that follow
    from others (``free``) need no explanation.
    """
    passed = [outcome.check.id for outcome in outcomes if outcome.status is Status.PASSED]
    groups = _groups([o for o in outcomes if o.check.id not in free], bool(passed))
    if not groups:
        return []
    suspects = [
        suspect for suspect in (_Suspect(m, take(m, question)) for m in candidates)
        if all(suspect.outcomes[check].status is Status.PASSED for check in passed)
    ]
    explained: dict[str, list[str]] = {}
    for group in groups:
        for suspect, checks in _explanations(suspects, group):
            explained.setdefault(suspect.misconception.id, []).extend(checks)
    return [Diagnosis(id=s.misconception.id, message=s.misconception.message,
                      checks=explained[s.misconception.id])
            for s in suspects if s.misconception.id in explained]


def _groups(outcomes: Sequence[Outcome], some_pass: bool) -> list[list[Outcome]]:
    """Failures that have explanations of their own: wrong values and what raises, each fault of
    the contract, each refusal that is missing. Where nothing passes, and beside wrong values,
    other faults of the contract may come from these: they are left alone."""
    broken = [o for o in outcomes if o.status is Status.ERROR or _is_wrong(o)]
    groups = [broken] if broken else []
    for kind in CONTRACT if some_pass else ():
        group = [o for o in outcomes if o.status is Status.FAILED and o.kind is kind
                 and not (broken and _raised(o))]
        if kind is MismatchKind.ACCEPTED:
            groups += [[outcome] for outcome in group]
        elif group and not any(map(_is_wrong, broken)):
            groups.append(group)
    return groups


def _raised(outcome: Outcome) -> tuple[str, str] | None:
    raised = None if outcome.verdict is None else outcome.verdict.raised
    return None if raised is None else likeness(raised)


def _aside(outcome: Outcome) -> tuple[str, str] | None:
    """What was raised that is not about devices: about these, torch says one thing in many ways."""
    raised = _raised(outcome)
    return None if raised and ("meta" in raised[1] or "device" in raised[1]) else raised


def _is_wrong(outcome: Outcome) -> bool:
    return outcome.status is Status.FAILED and outcome.kind not in CONTRACT


_Explanation = tuple[_Suspect, list[str]]  # and the checks that it explains


def _explanations(suspects: Sequence[_Suspect], group: Sequence[Outcome]) -> list[_Explanation]:
    """Who explains all of ``group``; or its parts, where each function has a fault of its own,
    where some raise for a reason of their own, or where two faults show on different checks."""
    found = _single(suspects, group)
    if found:
        return found
    functions = {_function(outcome) for outcome in group}
    if len(functions) > 1:
        parts = [[o for o in group if _function(o) == name] for name in sorted(functions)]
        return [one for part in parts for one in _explanations(suspects, part)]
    wrong = [outcome for outcome in group if _is_wrong(outcome)]
    raised = [outcome for outcome in group if not _is_wrong(outcome)]
    if wrong and raised:  # why something is raised is said by its text as well
        tells = len(wrong) > 1 or any(map(_tells, wrong))
        named = _explanations(suspects, wrong) if tells else []
        telling = all((_raised(o) or _ANY)[0] not in _GENERAL for o in raised)
        return [*named, *_single(suspects, raised)] if named and telling else named
    return _pair(suspects, group)


def _single(suspects: Sequence[_Suspect], group: Sequence[Outcome]) -> list[_Explanation]:
    checks = [outcome.check.id for outcome in group]
    return [(suspect, checks) for suspect in suspects if all(map(suspect.explains, group))]


def _pair(suspects: Sequence[_Suspect], group: Sequence[Outcome]) -> list[_Explanation]:
    """Two misconceptions held at once: some checks show only the one, some only the other, and
    where both meet the answer may be like neither's. Of the pairs that fit, those which explain
    most; none when these do not explain the same."""
    shown = [
        (suspect, checks) for suspect in suspects
        if (checks := frozenset(o.check.id for o in group if _tells(o)
                                and (suspect.explains(o) or suspect.shapes(o))))
    ]
    fitting = [
        ((one, first), (other, second)) for (one, first), (other, second)
        in combinations(shown, 2)
        if first - second and second - first
        and all(one.fails(outcome) or other.fails(outcome) for outcome in group)
    ]
    most = max((len(first | second) for (_, first), (_, second) in fitting), default=0)
    best = [pair for pair in fitting if len(pair[0][1] | pair[1][1]) == most]
    if len({frozenset((first, second)) for (_, first), (_, second) in best}) != 1:
        return []
    return list({one.misconception.id: (one, sorted(checks))
                 for pair in best for one, checks in pair}.values())


def _function(outcome: Outcome) -> str:
    evidence = outcome.verdict.evidence if outcome.verdict else None
    return evidence.function.split(".")[0] if evidence else ""


def _wrong_shape(outcome: Outcome) -> list[int] | None:
    mismatch = outcome.verdict.mismatch if outcome.verdict else None
    return mismatch.actual_shape if mismatch else None


def _tells(outcome: Outcome) -> bool:
    """Whether an equal answer can be no chance."""
    return outcome.status is Status.FAILED and any(
        (isinstance(answer, torch.Tensor) and answer.numel() >= _TELLING)
        or (isinstance(answer, np.ndarray) and answer.size >= _TELLING)
        for answer in outcome.answers)


def same_answers(ours: Sequence[object], theirs: Sequence[object]) -> bool:
    """Two implementations answered alike, dtype and rounding aside."""
    return alike(list(ours), list(theirs), _same)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) is not isinstance(other, np.ndarray):
        return False  # an array where a tensor was asked for is a mistake of its own
    one, other = _comparable(one), _comparable(other)
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        if one.shape != other.shape:
            return False
        if one.is_meta or other.is_meta:
            return one.is_meta and other.is_meta
        a, b = one.to(torch.complex128), other.to(torch.complex128)
        finite = b[b.isfinite()]
        scale = float(finite.abs().max()) if finite.numel() else 1.0
        return torch.allclose(a, b, rtol=_CLOSE, atol=_CLOSE * scale, equal_nan=True)
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other or _near(one, other)
    return type(one) is type(other) and bool(one == other)


def _comparable(leaf: Any) -> Any:
    """An array of NumPy's as a tensor, and a scalar of its as a number."""
    if isinstance(leaf, np.ndarray) and is_known_array(leaf):
        return as_tensor(leaf)
    return as_number(leaf)


def _near(one: float, other: float) -> bool:
    try:
        return abs(one - other) <= _CLOSE * max(1.0, abs(other))
    except OverflowError:  # an int beyond every float
        return False
