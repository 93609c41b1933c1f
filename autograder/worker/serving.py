"""The worker's desk: answers the judge's requests about the student's code.

Everything in this process belongs to the student; nothing here is believed by the judge. The
verbs are ``load``, ``call``, ``method``, ``get``, ``gradients``, ``state``, ``stage``, ``go`` and
``close``.
"""

from __future__ import annotations

import inspect
import mmap
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import torch

from autograder import protocol
from autograder.protocol import Handle, Json
from autograder.worker import denial
from autograder.worker.loading import Namespace, Raised, describe
from autograder.worker.timed import Track


class Missing(Exception):
    """The student has not defined the name that is called."""


class Ask(Protocol):
    """The judge's answer for a function that is not under examination."""

    def __call__(self, name: str, arguments: tuple[Any, ...], upstream: Any) -> Any: ...


class Desk:
    """The student's namespace and the objects that stay here, behind one method per verb."""

    def __init__(
        self, namespace: Namespace, ask: Ask, memory: mmap.mmap | None = None
    ) -> None:
        self.namespace = namespace
        self._ask = ask
        self._memory = memory  # shared with the judge, for timing
        self._track: Track | None = None
        self._objects: dict[int, Any] = {}

    def load(
        self, cell: int | None, source: str, graded: list[str], replaced: list[str]
    ) -> Raised | None:
        """Run one cell; or, with no cell, let the judge answer for the functions ``replaced``."""
        for name in replaced:
            self.namespace.replace(name, _stub(name, self._signature(name), self._ask))
        return None if cell is None else self.namespace.run(cell, source, graded)

    def call(
        self, name: str, arguments: list[Any], keywords: Mapping[str, Any], keep: bool
    ) -> Any:
        """The student's function or class ``name`` on the given arguments."""
        return self._answer(self._function(name)(*self._given(arguments), **keywords), keep)

    def method(
        self, handle: Handle, name: str, arguments: list[Any], keywords: Mapping[str, Any],
        keep: bool,
    ) -> Any:
        """Method ``name`` of an object that stays here."""
        bound = getattr(self._objects[handle.number], name)
        return self._answer(bound(*self._given(arguments), **keywords), keep)

    def get(self, names: list[str]) -> dict[str, str]:
        """What each name is: function, class, object, or missing."""
        return {name: self._kind(name) for name in names}

    def gradients(
        self, target: str | Handle, arguments: list[Any], wanted: list[int], upstream: Any
    ) -> Any:
        """One answer and the gradients of ⟨answer, upstream⟩: for the arguments at the indices
        ``wanted``, and, when the target is a module, for its parameters by name.

        Returns (answer, [gradient or None], {parameter: gradient or None}); no gradients at all
        when the answer does not depend differentiably on anything, or has another shape.
        """
        given = self._given(arguments)
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
            answer = function(*given)
        if not isinstance(answer, torch.Tensor) or not answer.requires_grad \
                or answer.shape != upstream.shape:
            return answer, [None] * len(wanted), dict.fromkeys(parameters)
        found = torch.autograd.grad(
            answer, [*leaves, *parameters.values()], upstream.to(answer.dtype), allow_unused=True
        )
        return answer, list(found[: len(leaves)]), dict(
            zip(parameters, found[len(leaves) :], strict=True)
        )

    def state(self, handle: Handle, load: Mapping[str, Any] | None) -> dict[str, Any]:
        """A module's parameters and buffers, after loading ``load`` (a state_dict) into it."""
        module = self._objects[handle.number]
        if load is not None:
            module.load_state_dict(dict(load))
        return {
            "parameters": {name: value.detach() for name, value in module.named_parameters()},
            "buffers": {name: value.detach() for name, value in module.named_buffers()},
            "state": dict(module.state_dict()),
            "training": bool(module.training),
        }

    def stage(
        self, name: str, shapes: list[list[int]], numbers: list[Any], threads: int
    ) -> None:
        """Get ready to be timed: see ``Track``."""
        assert self._memory is not None
        self._track = Track(self._memory, self._function(name), shapes, numbers, threads)

    def go(self) -> None:
        """One call on what stands in the shared memory, its answer written there."""
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
        return "class" if isinstance(value, type) else "function" if callable(value) else "object"

    def _given(self, arguments: list[Any]) -> list[Any]:
        return [
            self._objects[value.number] if isinstance(value, Handle) else value
            for value in arguments
        ]

    def _answer(self, value: Any, keep: bool) -> Any:
        if not keep:
            return value
        number = len(self._objects)
        self._objects[number] = value
        return Handle(number, type(value).__name__[:200])


def _stub(name: str, signature: inspect.Signature | None, ask: Ask) -> Callable[..., Any]:
    """A function that asks the judge for the right answer, and for its gradients.

    ``signature``: of the function it takes the place of, whose parameters' names are the
    student's own. The judge knows arguments by their places.
    """

    class Asked(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, *arguments: Any) -> Any:
            context.arguments = arguments
            return ask(name, arguments, None)

        @staticmethod
        def backward(context: Any, *upstream: Any) -> Any:
            return tuple(ask(name, context.arguments, upstream[0]))

    def asked(*arguments: Any, **keywords: Any) -> Any:
        if keywords:
            if signature is None:
                raise TypeError(f"{name} takes its arguments by position here")
            bound = signature.bind(*arguments, **keywords)
            bound.apply_defaults()
            arguments = bound.args
        return Asked.apply(*arguments)

    asked.__name__ = name
    return asked


class _Server:
    """Speaks the protocol on the worker's side."""

    def __init__(self, channel: protocol.Channel) -> None:
        self._channel = channel
        self._id = 0

    def ask(self, name: str, arguments: tuple[Any, ...], upstream: Any) -> Any:
        encoder = protocol.Encoder(strided=False)
        self._channel.send(
            {"id": self._id, "ask": name, "arguments": encoder.encode(list(arguments)),
             "upstream": encoder.encode(upstream)},
            encoder.body,
        )
        header, body = self._channel.receive()
        if "refused" in header:
            raise ValueError(header["refused"])
        return protocol.Decoder(body, strided=True).decode(header["told"])

    def serve(self, desk: Desk) -> None:
        while True:
            header, body = self._channel.receive()
            self._id = header["id"]
            decoder = protocol.Decoder(body, strided=True)
            fields = {key: decoder.decode(value) for key, value in header["fields"].items()}
            given = [v for v in fields.get("arguments", ()) if isinstance(v, torch.Tensor)]
            encoder = protocol.Encoder(strided=False)
            reply: dict[str, Json] = {"id": self._id}
            denial.deny(header["deny"])
            if header["seed"] is not None:
                torch.default_generator.manual_seed(header["seed"])
            if header["verb"] == "close":
                _flush()
                os._exit(0)
            steps = denial.Steps()
            try:
                with steps:
                    answer = getattr(desk, header["verb"])(**fields)
                if header["verb"] == "load" and answer is not None:
                    reply["raised"] = _portable(answer)
                else:
                    reply["answer"] = encoder.encode(answer)
                    reply["after"] = encoder.encode(given)
            except BaseException as error:
                encoder = protocol.Encoder(strided=False)
                reply = {"id": self._id, "raised": _portable(describe(error))}
            reply |= {"denied": denial.taken(), "steps": steps.count}
            _flush()
            self._channel.send(reply, encoder.body)


def _portable(raised: Raised) -> Json:
    return {"type": raised.type, "bases": list(raised.bases), "message": raised.message,
            "cell": raised.cell, "line": raised.line}


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # the student may have closed or replaced it
            continue


def run(descriptor: int, max_body: int, shared: int | None = None) -> None:
    """Serve the channel until it closes. ``shared`` is the judge's memory, for timing."""
    channel = protocol.Channel(descriptor, max_body=max_body)
    channel.send({"ready": True}, [])
    server = _Server(channel)
    namespace = Namespace()
    namespace.install()
    memory = None if shared is None else mmap.mmap(shared, 0)
    server.serve(Desk(namespace, server.ask, memory))


def refuse(descriptor: int, reason: str) -> None:
    """Tell the judge that this worker cannot start."""
    protocol.Channel(descriptor, max_body=0).send({"failed": reason[:2_000]}, [])
