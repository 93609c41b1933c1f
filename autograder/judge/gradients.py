"""Judge gradients: of a function's inputs, and of a module's parameters."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch

from autograder.judge import tolerance
from autograder.judge.check_run import CheckRun, Verdict, changed, judge, raised_verdict
from autograder.judge.compare import compare
from autograder.judge.expected import Expected
from autograder.judge.given import Given, ShownCall
from autograder.judge.tolerance import Bound
from autograder.protocol import Differentiate, Handle
from autograder.result import Mismatch, MismatchKind, Part, Status


def compare_gradients(
    run: CheckRun, reference: Callable[..., Any], target: str | Handle, given: Given,
    call: ShownCall,
) -> None:
    """Judge one answer and its gradients for inputs by position and, of a module, for parameters.
    """
    wanted = [i for i, value in enumerate(given.arguments)
              if isinstance(value, torch.Tensor) and value.is_floating_point()]
    seed = run.seed("upstream")
    right = run.expected([*given.values, *state(reference)],
                         lambda: _expected_gradients(reference, given, wanted, seed))
    sent = given.sent(call.function)
    reply = run.ask(Differentiate(
        target, tuple(sent.arguments), tuple(wanted), right.upstream, sent.keywords), call)
    if reply.raised is not None:
        raise raised_verdict(reply.raised, call)
    answer, inputs, parameters = _gradient_parts(reply.answer, len(wanted), call)
    expected = right.answer.value
    mismatch = compare(expected, answer, precise=right.answer.precise, bound=right.answer.bound)
    if mismatch is None or mismatch.kind is MismatchKind.DTYPE:
        found = {_argument(i): gradient for i, gradient in zip(wanted, inputs, strict=True)} | {
            _parameter(name): gradient for name, gradient in parameters.items()}
        mismatch = _gradient_mismatch(found, right, answer) or mismatch
    judge(mismatch or changed(given, reply.after), call, expected, answer)


def state(reference: Callable[..., Any]) -> list[torch.Tensor]:
    """A module's parameters and buffers as they are now; nothing of a plain function."""
    if not isinstance(reference, torch.nn.Module):
        return []
    return [value.clone() for value in reference.state_dict().values()]


@dataclass(frozen=True)
class ExpectedGradients:
    """A right answer and its gradients for ``upstream``. Errors are allowed that have
    the gradients' ``bounds``, as ``compare`` takes them."""

    upstream: torch.Tensor
    answer: Expected
    gradients: dict[Part, torch.Tensor]
    bounds: dict[Part, Bound]


def _argument(index: int) -> Part:
    return Part(argument=index + 1, gradient=True)


def _parameter(name: str) -> Part:
    return Part(name=name, gradient=True)


def _expected_gradients(
    reference: Callable[..., Any], call: Given, wanted: list[int], seed: int
) -> ExpectedGradients:
    given = list(call.arguments)
    expected = reference(*given, **call.keywords)
    generator = torch.Generator().manual_seed(seed)
    upstream = torch.randn(expected.shape, generator=generator, dtype=torch.float64)
    exactly = _named(_double(reference), call)
    gradients = _reference_gradients(exactly, given, wanted, upstream)
    if tolerance.is_sum_of_products(reference):
        answer, bounds = _sums(reference, call, wanted, upstream, expected, gradients)
    else:
        answer = Expected.of_module(reference, given, call.keywords) \
            if isinstance(reference, torch.nn.Module) \
            else Expected.of(reference, given, call.keywords)
        answer = replace(answer, value=expected.detach())
        bounds = _usual(reference, call, wanted, upstream, gradients)
    return ExpectedGradients(upstream, answer, gradients, bounds)


def _sums(
    reference: Callable[..., Any], call: Given, wanted: list[int], upstream: torch.Tensor,
    expected: torch.Tensor, gradients: Iterable[Part],
) -> tuple[Expected, dict[Part, Bound]]:
    """How closely an answer that is a sum of products has to be met, and each of its gradients."""
    given = list(call.arguments)
    exactly, sizes = (_named(each, call) for each in (_double(reference), magnitudes(reference)))
    weights = dict(_weights(reference))
    precise = exactly(*map(tolerance.exact, given)).detach()
    answer = Expected(expected.detach(), precise,
                      tolerance.bound(sizes, tuple(given), tuple(weights.values())))
    bounds: dict[Part, Bound] = dict.fromkeys(gradients)
    spreads = _reference_gradients(
        sizes, [tolerance.magnitude(v) for v in given], wanted, upstream.abs())
    factors = {_argument(i): given[i] for i in wanted} | {
        _parameter(name): weight for name, weight in weights.items()}
    norms = {part: float(factor.detach().double().norm()) for part, factor in factors.items()}
    for part, spread in spreads.items():
        others = [norm for other, norm in norms.items() if other != part]
        bounds[part] = 8 * (spread + float(upstream.norm()) * max(others, default=1.0))
    return answer, bounds


def _usual(
    reference: Callable[..., Any], call: Given, wanted: list[int], upstream: torch.Tensor,
    gradients: dict[Part, torch.Tensor],
) -> dict[Part, Bound]:
    """How closely each gradient has to be met of which nothing else is known."""
    if (said := tolerance.said_within(reference)) is not None:
        return dict.fromkeys(gradients, said)
    given, named = list(call.arguments), _named(reference, call)
    eps = max((torch.finfo(given[i].dtype).eps for i in wanted), default=None)
    bounds = tolerance.usual(
        lambda inputs: list(_found_gradients(named, inputs, wanted, upstream).values()),
        list(gradients.values()), given, eps)
    assert isinstance(bounds, tuple), "of a list"
    return dict(zip(gradients, bounds, strict=True))


def _gradient_mismatch(
    found: dict[Part, Any], right: ExpectedGradients, answer: torch.Tensor
) -> Mismatch | None:
    """The first gradient that is missing or wrong, at the precision that the answer has."""
    for part, gradient in right.gradients.items():
        given = found.get(part)
        if given is None:
            return Mismatch(kind=MismatchKind.GRADIENT, where=part)
        if isinstance(given, torch.Tensor) and given.is_floating_point() \
                and answer.is_floating_point() \
                and torch.finfo(answer.dtype).eps > torch.finfo(given.dtype).eps:
            given = given.to(answer.dtype)  # a float32 buffer is charged where dtypes are
        mismatch = compare(gradient, given, bound=right.bounds[part], where=part)
        if mismatch is not None and mismatch.kind is not MismatchKind.DTYPE:
            return mismatch
    return None


def _reference_gradients(
    reference: Callable[..., Any], given: list[Any], wanted: list[int], upstream: torch.Tensor
) -> dict[Part, torch.Tensor]:
    return _found_gradients(reference, [tolerance.exact(value) for value in given], wanted,
                            upstream)


def _found_gradients(
    reference: Callable[..., Any], given: list[Any], wanted: list[int], upstream: torch.Tensor
) -> dict[Part, torch.Tensor]:
    """In the precision of what is given."""
    arguments, leaves = list(given), {}
    for index in wanted:
        arguments[index] = arguments[index].detach().clone().requires_grad_(True)
        leaves[_argument(index)] = arguments[index]
    leaves |= {_parameter(name): weight for name, weight in _weights(_unnamed(reference))}
    answer = reference(*arguments)
    found = torch.autograd.grad(answer, list(leaves.values()), upstream.to(answer.dtype))
    return dict(zip(leaves, found, strict=True))


def _gradient_parts(
    answer: Any, count: int, call: ShownCall
) -> tuple[Any, list[Any], dict[str, Any]]:
    if isinstance(answer, tuple) and len(answer) == 3:
        value, inputs, parameters = answer
        if isinstance(inputs, list) and len(inputs) == count and isinstance(parameters, dict) \
                and all(type(name) is str for name in parameters):
            return value, inputs, parameters
    raise Verdict(Status.CRASHED, evidence=call)


def _named(reference: Callable[..., Any], call: Given) -> Callable[..., Any]:
    """The reference with what it is given by name."""
    return partial(reference, **call.keywords) if call.keywords else reference


def _unnamed(reference: Callable[..., Any]) -> Callable[..., Any]:
    return reference.func if isinstance(reference, partial) else reference


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
