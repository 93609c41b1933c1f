"""Which input element met which weight: asked of a student's function with probes.

An operator that is linear in its image X and in its kernel K answers ``Σ T[p, q]·X[p]·K[q]`` for
every output. With one pixel set to 1 and the weights set to powers of two, the answer's binary
digits are the row of T that belongs to this pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch

from autograder.judge.implementation import Implementation
from autograder.judge.showing import show
from autograder.judge.staff import NotRecorded
from autograder.protocol import CallFunction
from autograder.result import Account, Array, CheckResult, MismatchKind, Shown, Wire, Wiring
from autograder.rules import Rule
from autograder.sandbox.client import WorkerLost

_PIXELS, _WEIGHTS = 64, 20
AskFunction = Callable[[list[Any]], Any]


def wiring(
    checks: Iterable[CheckResult], student: Implementation, reference: Callable[..., Any], *,
    name: str, seconds: float, deny: tuple[Rule, ...],
) -> Wiring | None:
    """How the student's ``name`` wires the first wrong output of a check that is explained, and
    how the reference does. None where no such check is small enough, or where the function is not
    bilinear, so that there is nothing to see."""
    account = next((check.explained for check in checks
                    if check.explained and _can_be_probed(check.explained, name)), None)
    if account is None or account.mismatch is None or account.evidence is None:
        return None
    arguments = _numbers(account.evidence.arguments)
    output = tuple(account.mismatch.first_wrong or ())

    def ask(arguments: list[Any]) -> Any:
        reply = student.request(CallFunction(name, tuple(arguments)), seconds=seconds, deny=deny,
                                seed=0)
        return None if reply.raised or reply.denied else reply.answer

    try:
        assert arguments is not None
        expected = _wires(lambda arguments: reference(*arguments), arguments, output)
        given = _wires(ask, arguments, output)
    except (WorkerLost, NotRecorded):
        return None
    if given is None or expected is None or given == expected:
        return None
    image, kernel = account.evidence.arguments[:2]
    assert isinstance(image, Array) and isinstance(kernel, Array)
    return Wiring(function=name, image=image.shape, kernel=kernel.shape, output=list(output),
                  given=given, expected=expected)


def _can_be_probed(account: Account, name: str) -> bool:
    mismatch, evidence = account.mismatch, account.evidence
    if evidence is None or evidence.function != name or mismatch is None \
            or mismatch.kind is not MismatchKind.VALUES or not mismatch.first_wrong \
            or mismatch.where:
        return False
    return _numbers(evidence.arguments) is not None


def ask_all(reference: Callable[..., Any], arguments: Sequence[Any]) -> None:
    """Ask a reference what ``wiring`` would ask it of a call, so that who keeps its answers has
    them. Nothing of a call that is too large to be looked at so."""
    numbers = _numbers([show(value) for value in arguments])
    if numbers is None:
        return
    answer = reference(*arguments)
    if isinstance(answer, torch.Tensor):
        _wires(lambda arguments: reference(*arguments), numbers, (0,) * answer.dim())


def _numbers(arguments: Sequence[Shown]) -> list[Any] | None:
    """An image, its kernel and numbers, as they are probed; None where these are other arguments,
    or too large."""
    small = len(arguments) > 1 and all(
        isinstance(shown, Array) and shown.values is not None and len(shown.values) <= limit
        for shown, limit in zip(arguments, (_PIXELS, _WEIGHTS), strict=False))
    numbers = [_number(shown) for shown in arguments] if small else []
    return numbers if numbers and all(number is not None for number in numbers) else None


def _number(shown: Array | str) -> Any:
    """The argument that is shown; None when its text is no number."""
    if isinstance(shown, Array):
        return torch.tensor(shown.values, dtype=torch.float64).reshape(shown.shape)
    return int(shown) if shown.isdecimal() else None


def _wires(ask: AskFunction, arguments: list[Any], output: tuple[int, ...]) -> list[Wire] | None:
    """The wires of one output; None when the answers are not a bilinear operator's."""
    image, kernel, *rest = arguments
    code = 2.0 ** torch.arange(kernel.numel(), dtype=torch.float64).reshape(kernel.shape)
    wires = []
    for pixel in torch.cartesian_prod(*map(torch.arange, image.shape)).reshape(
            -1, image.dim()).tolist():
        probe = torch.zeros_like(image)
        probe[tuple(pixel)] = 1
        met = _element(ask([probe, code.clone(), *rest]), output)
        if met is None or not 0 <= met < 2 ** kernel.numel() or met != int(met):
            return None
        wires += [Wire(pixel=pixel, weight=_index(kernel.shape, bit))
                  for bit in range(kernel.numel()) if int(met) >> bit & 1]
    answer = _element(ask([image, kernel, *rest]), output)
    wired = sum(float(image[tuple(w.pixel)] * kernel[tuple(w.weight)]) for w in wires)
    return wires if answer is not None and abs(answer - wired) <= 1e-9 * (1 + abs(wired)) else None


def _element(answer: Any, index: tuple[int, ...]) -> float | None:
    if not isinstance(answer, torch.Tensor) or answer.dim() != len(index) or answer.is_meta \
            or answer.is_complex() or any(i >= n for i, n in zip(index, answer.shape, strict=True)):
        return None
    return float(answer[index])


def _index(shape: torch.Size, flat: int) -> list[int]:
    return [int(i) for i in torch.unravel_index(torch.tensor(flat), shape)]
