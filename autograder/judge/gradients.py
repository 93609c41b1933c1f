"""Judge gradients: of a function's inputs, and of a module's parameters."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch

from autograder.judge import tolerance
from autograder.judge.compare import compare
from autograder.judge.taking import Taking, Verdict, changed, judge, raised_verdict
from autograder.result import Evidence, Mismatch, MismatchKind, Status
from autograder.sandbox.wire import Handle


def compare_gradients(
    taking: Taking, reference: Callable[..., Any], target: str | Handle, given: list[Any],
    evidence: Evidence,
) -> None:
    """Judge one answer and its gradients for inputs and, of a module, for parameters."""
    wanted = [i for i, value in enumerate(given)
              if isinstance(value, torch.Tensor) and value.is_floating_point()]
    shape = reference(*given).shape
    generator = torch.Generator().manual_seed(taking.seed("upstream"))
    upstream = torch.randn(shape, generator=generator, dtype=torch.float64)
    reply = taking.ask("gradients", evidence, target=target, arguments=given, wanted=wanted,
                       upstream=upstream)
    if reply.raised is not None:
        raise raised_verdict(reply.raised, evidence)
    answer, inputs, parameters = _gradient_parts(reply.answer, len(wanted), evidence)
    expected = reference(*given)
    exactly = _double(reference)
    weights = tuple(weight for _, weight in _weights(reference))
    bound = tolerance.bound(magnitudes(reference), tuple(given), {}, weights)
    mismatch = compare(expected, answer, precise=exactly(*map(tolerance.exact, given)), bound=bound)
    if mismatch is None or mismatch.kind is MismatchKind.DTYPE:
        found = {**{f"argument {i + 1}": g for i, g in zip(wanted, inputs, strict=True)},
                 **parameters}
        right = _reference_gradients(exactly, given, wanted, upstream)
        sizes = _reference_gradients(magnitudes(reference),
                                     [tolerance.magnitude(v) for v in given], wanted,
                                     upstream.abs())
        norms = {f"argument {i + 1}": float(given[i].double().norm()) for i in wanted}
        norms |= {name: float(w.detach().double().norm()) for name, w in _weights(reference)}
        norms["upstream"] = float(upstream.norm())
        mismatch = _gradient_mismatch(found, right, sizes, norms, answer, bound is not None) \
            or mismatch
    judge(mismatch or changed(given, reply.after), evidence, expected, answer)


def _gradient_mismatch(
    found: dict[str, Any], right: dict[str, torch.Tensor], sizes: dict[str, torch.Tensor],
    norms: dict[str, float], answer: torch.Tensor, rounded: bool,
) -> Mismatch | None:
    """The first gradient that is missing or wrong, at the precision that the answer has."""
    for name, gradient in right.items():
        given, where = found.get(name), f"gradient of {name}"
        if given is None:
            return Mismatch(kind=MismatchKind.GRADIENT, where=where)
        bound = None
        if rounded:
            others = [norm for other, norm in norms.items() if other not in (name, "upstream")]
            bound = 8 * (sizes[name] + norms["upstream"] * max(others, default=1.0))
        if isinstance(given, torch.Tensor) and given.is_floating_point() \
                and answer.is_floating_point() \
                and torch.finfo(answer.dtype).eps > torch.finfo(given.dtype).eps:
            given = given.to(answer.dtype)  # a float32 buffer is charged where dtypes are
        mismatch = compare(gradient, given, bound=bound, where=where)
        if mismatch is not None and mismatch.kind is not MismatchKind.DTYPE:
            return mismatch
    return None


def _reference_gradients(
    reference: Callable[..., Any], given: list[Any], wanted: list[int], upstream: torch.Tensor
) -> dict[str, torch.Tensor]:
    arguments = [tolerance.exact(value) for value in given]
    leaves = {}
    for index in wanted:
        arguments[index] = arguments[index].detach().clone().requires_grad_(True)
        leaves[f"argument {index + 1}"] = arguments[index]
    if isinstance(reference, torch.nn.Module):
        leaves |= dict(reference.named_parameters())
    answer = reference(*arguments)
    found = torch.autograd.grad(answer, list(leaves.values()), upstream)
    return dict(zip(leaves, found, strict=True))


def _gradient_parts(
    answer: Any, count: int, evidence: Evidence
) -> tuple[Any, list[Any], dict[str, Any]]:
    if isinstance(answer, tuple) and len(answer) == 3:
        value, inputs, parameters = answer
        if isinstance(inputs, list) and len(inputs) == count and isinstance(parameters, dict):
            return value, inputs, parameters
    raise Verdict(Status.CRASHED, evidence=evidence)


def _double(reference: Callable[..., Any]) -> Callable[..., Any]:
    if isinstance(reference, torch.nn.Module):
        return copy.deepcopy(reference).double()
    return reference


def magnitudes(reference: Callable[..., Any]) -> Callable[..., Any]:
    """The reference with |parameters|, in double precision; a plain function as it is."""
    if not isinstance(reference, torch.nn.Module):
        return reference
    module = copy.deepcopy(reference).double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.abs_()
    return module


def _weights(reference: Callable[..., Any]) -> list[tuple[str, torch.Tensor]]:
    return list(reference.named_parameters()) if isinstance(reference, torch.nn.Module) else []
