"""What is done for each request but ``Close``: one table.

Everything it works on belongs to the student; nothing that comes of it is believed by the judge.
"""

from __future__ import annotations

import inspect
import mmap
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, Protocol

import torch

from autograder.protocol import (
    CallFunction,
    CallMethod,
    CallTests,
    Differentiate,
    Handle,
    Inquiry,
    Iterated,
    LookUp,
    ModuleState,
    PrepareTiming,
    ReadVariable,
    Request,
    RunCell,
    Substitute,
    TimedCall,
)
from autograder.worker import effects
from autograder.worker.loading import Namespace
from autograder.worker.timed import Track, attached

_MOST_ITEMS = 1_000  # of an iterator, which may have no end


class Missing(Exception):
    """The student has not defined the name that is called."""


class Ask(Protocol):
    """The judge's answer for a function that is not under examination."""

    def __call__(self, inquiry: Inquiry) -> Any: ...


class Handlers:
    """Answers requests about one namespace, and keeps the objects that stay here."""

    def __init__(
        self, namespace: Namespace, ask: Ask, memory: mmap.mmap | None = None,
        block: int | None = None,
    ) -> None:
        self.namespace = namespace
        self._ask = ask
        self._memory: mmap.mmap | torch.Tensor | None = memory  # shared with the judge, for timing
        self._block = block  # the same on a device: the descriptor that it is opened by
        self._track: Track | None = None
        self._objects: dict[int, Any] = {}
        self._table: dict[type[Request], Callable[[Any], Any]] = {
            RunCell: self._run_cell,
            Substitute: self._substitute,
            CallFunction: self._call_function,
            CallMethod: self._call_method,
            ReadVariable: self._read_variable,
            CallTests: self._call_tests,
            LookUp: self._look_up,
            Differentiate: self._differentiate,
            ModuleState: self._module_state,
            PrepareTiming: self._prepare_timing,
            TimedCall: self._timed_call,
        }

    def answer(self, request: Request) -> Any:
        """What the request's docstring says. Raises whatever the student's code raises."""
        return self._table[type(request)](request)

    def _run_cell(self, request: RunCell) -> None:
        self.namespace.run(request.cell, request.source, request.graded, request.above)

    def _substitute(self, request: Substitute) -> None:
        for name in request.names:
            self.namespace.replace(name, _substituted(name, self._signature(name), self._ask))

    def _call_function(self, request: CallFunction) -> Any:
        function = self._function(request.function)
        call = partial(function, *self._given(request.arguments),
                       **self._given_by_name(request.keywords))
        if request.effect:
            return effects.of(request.effect, call)
        value = call()
        if not request.keep:
            return drained(value)
        number = len(self._objects)
        self._objects[number] = value
        return Handle(number, type(value).__name__[:200])

    def _call_method(self, request: CallMethod) -> Any:
        target = self._objects[request.target.number]
        if not request.method:
            return drained(target)
        bound = getattr(target, request.method)
        return drained(bound(*self._given(request.arguments),
                             **self._given_by_name(request.keywords)))

    def _read_variable(self, request: ReadVariable) -> Any:
        return self._function(request.name)

    def _call_tests(self, request: CallTests) -> None:
        self._function(request.tests)(_substituted(
            request.of, self._signature(request.of), self._ask))

    def _look_up(self, request: LookUp) -> dict[str, str]:
        return {name: self._kind(name) for name in request.names}

    def _differentiate(self, request: Differentiate) -> Any:
        target, wanted, upstream = request.target, request.wanted, request.upstream
        given = self._given(request.arguments)
        leaves = [given[index].detach().requires_grad_(True) for index in wanted]
        for index, leaf in zip(wanted, leaves, strict=True):
            given[index] = leaf
        function: Any
        parameters: dict[str, torch.Tensor] = {}
        if isinstance(target, Handle):
            function = self._objects[target.number]
            parameters = dict(function.named_parameters())
        else:
            function = self._function(target)
        with torch.enable_grad():
            answer = function(*given, **self._given_by_name(request.keywords))
        if not isinstance(answer, torch.Tensor) or not answer.requires_grad \
                or answer.shape != upstream.shape:
            return answer, [None] * len(wanted), dict.fromkeys(parameters)
        found = torch.autograd.grad(
            answer, [*leaves, *parameters.values()], upstream.to(answer.dtype), allow_unused=True
        )
        return answer, list(found[: len(leaves)]), dict(
            zip(parameters, found[len(leaves) :], strict=True)
        )

    def _module_state(self, request: ModuleState) -> dict[str, Any]:
        module = self._objects[request.module.number]
        if request.load is not None:
            module.load_state_dict(dict(request.load))
        return {
            "parameters": {name: value.detach() for name, value in module.named_parameters()},
            "buffers": {name: value.detach() for name, value in module.named_buffers()},
            "state": dict(module.state_dict()),
            "training": bool(module.training),
        }

    def _prepare_timing(self, request: PrepareTiming) -> None:
        if request.block_size and self._block is not None:
            self._memory, self._block = attached(self._block, request.block_size), None
        assert self._memory is not None
        self._track = Track(self._memory, self._function(request.function), request)

    def _timed_call(self, request: TimedCall) -> None:
        assert self._track is not None
        self._track.go()

    def _function(self, name: str) -> Callable[..., Any]:
        try:
            return self.namespace.find(name)  # type: ignore[no-any-return]
        except KeyError:
            raise Missing(name) from None

    def _signature(self, name: str) -> inspect.Signature | None:
        try:
            return inspect.signature(self._function(name))
        except (Missing, TypeError, ValueError):
            return None

    def _kind(self, name: str) -> str:
        try:
            value = self.namespace.find(name)
        except KeyError:
            return "missing"
        if isinstance(value, type):
            return "class"
        if isinstance(value, torch.nn.Module) and type(value).__module__.startswith("torch."):
            return "layer"
        return "function" if callable(value) else "object"

    def _given(self, arguments: Sequence[Any]) -> list[Any]:
        return [
            self._objects[value.number] if isinstance(value, Handle) else value
            for value in arguments
        ]

    def _given_by_name(self, keywords: Mapping[str, Any]) -> dict[str, Any]:
        return dict(zip(keywords, self._given(list(keywords.values())), strict=True))


def drained(answer: Any) -> Any:
    """An answer; of an iterator the first things that it gives."""
    if not isinstance(answer, Iterator):
        return answer
    items = list(islice(answer, _MOST_ITEMS + 1))
    return Iterated(type(answer).__name__[:200], items[:_MOST_ITEMS], len(items) <= _MOST_ITEMS)


def _substituted(
    name: str, signature: inspect.Signature | None, ask: Ask
) -> Callable[..., Any]:
    """A function that asks the judge for the right answer, and for its gradients.

    ``signature``: of the function it takes the place of, whose parameters' names are the
    student's own. The judge knows arguments by their places, but for those that go by name only.
    """

    class Substituted(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, keywords: dict[str, Any], *arguments: Any) -> Any:
            context.asked = arguments, keywords
            return ask(Inquiry(name, arguments, keywords, None))

        @staticmethod
        def backward(context: Any, *upstream: Any) -> Any:
            arguments, keywords = context.asked
            return None, *ask(Inquiry(name, arguments, keywords, upstream[0]))

    def asked(*arguments: Any, **keywords: Any) -> Any:
        if keywords:
            if signature is None:
                raise TypeError(f"{name} takes its arguments by position here")
            bound = signature.bind(*arguments, **keywords)
            bound.apply_defaults()
            arguments, keywords = bound.args, bound.kwargs
        return Substituted.apply(keywords, *arguments)

    asked.__name__ = name
    return asked
