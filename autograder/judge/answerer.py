"""Right answers for functions that are stood in for, from a process of their own.

A wrong helper's callers are examined on top of a right one. What they ask it is the student's to
choose, and may be made to cost much; so it is answered by a worker, limited like a student's, that
holds the reference and has met nothing else. Tests that a student wrote are answered the same way,
by one worker that holds all the implementations that they are put to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from autograder.course import Limits, Tier
from autograder.protocol import (
    CallFunction,
    Declined,
    Differentiate,
    Inquiry,
    Reply,
    Request,
    RunCell,
    Told,
)
from autograder.protocol.replies import Encoded
from autograder.sandbox.client import SandboxError, Worker, WorkerLost, Zygote

_MOST_LOST = 3  # workers that the questions of one session may cost


@dataclass(frozen=True)
class RightAnswer:
    """Of a function that is stood in for; or why it refuses."""

    value: Any
    refusal: str | None = None

    def given(self) -> Any:
        """Raises ValueError where it refuses."""
        if self.refusal is not None:
            raise ValueError(self.refusal)
        return self.value

    def written(self) -> bytes:
        """As it travels to who asked."""
        return _joined((Told(self.value) if self.refusal is None else Declined(self.refusal))
                       .encode())


Recall = Callable[[Inquiry], RightAnswer | None]


class Answering:
    """A worker that holds a program of staff's, and nothing else: started when it is first asked,
    and anew where it was lost."""

    def __init__(self, start: Callable[[], Worker]) -> None:
        self._start = start
        self._worker: Worker | None = None

    def request(self, request: Request, seconds: float) -> Reply:
        """Raises WorkerLost."""
        self._worker = self._worker or self._start()
        try:
            return self._worker.request(request, seconds=seconds, seed=0)
        except WorkerLost:
            self.close()
            raise

    def close(self) -> None:
        if self._worker is not None:
            self._worker.stop()
            self._worker = None


class Answerer:
    """Answers as a program of staff's does, for one session of one submission."""

    def __init__(self, answering: Answering, *, known: Recall | None = None, called: str = ""
                 ) -> None:
        """
        Args:
            known: what it answers to an inquiry, where that is known already.
            called: what the function that is asked for is called there, where not as it is.
        """
        self._answering = answering
        self._known = known
        self._called = called
        self._lost = 0

    def __call__(self, inquiry: Inquiry, seconds: float) -> Any:
        """The answer of a function; with an upstream gradient, the gradients of its arguments by
        position, or None for one that has none.

        Raises:
            ValueError: the reference refuses these arguments, or they cost more than a worker has.
            WorkerLost: it took all the time that the student's call had left.
        """
        if self._lost >= _MOST_LOST:
            raise ValueError(
                f"{inquiry.function} was asked for too much, and is not answered any more")
        if self._known is not None and (answer := self._known(inquiry)) is not None:
            return answer.given()
        return answered(
            replace(inquiry, function=self._called or inquiry.function),
            lambda request: self._reply(request, inquiry.function, seconds))

    def close(self) -> None:
        self._answering.close()

    def _reply(self, request: Request, name: str, seconds: float) -> Reply:
        try:
            return self._answering.request(request, seconds)
        except WorkerLost as lost:
            self._lost += 1
            if lost.why == "timeout":  # it had what was left of the call
                raise WorkerLost("timeout", f"no answer within {seconds:.1f} s") from None
            raise ValueError(f"{name} is asked for more than may be asked") from None


def answered(inquiry: Inquiry, ask: Callable[[Request], Reply]) -> Any:
    """The answer to an inquiry, by who holds the reference; with an upstream gradient, the
    gradients of its arguments by position, or None for one that has none.

    Raises:
        ValueError: the reference refuses these arguments.
    """
    name, arguments, keywords = inquiry.function, tuple(inquiry.arguments), inquiry.keywords
    if inquiry.upstream is None:
        return _answer(ask(CallFunction(name, arguments, keywords=keywords)))
    wanted = tuple(place for place, value in enumerate(arguments)
                   if isinstance(value, torch.Tensor) and value.is_floating_point())
    said = _answer(ask(Differentiate(name, arguments, wanted, inquiry.upstream, keywords)))
    if not isinstance(said, tuple):
        raise ValueError("its gradients are larger than answers may be")
    _, found, _ = said
    gradients = dict(zip(wanted, found, strict=True))
    return [gradients.get(place) for place in range(len(arguments))]


def _answer(reply: Reply) -> Any:
    if reply.raised is not None:
        raise ValueError(reply.raised.message)
    return reply.answer


def running(
    zygote: Zygote, tier: Tier, limits: Limits, program: str, given: Path | None = None
) -> Worker:
    """A worker that holds a program of staff's, and nothing else.

    Raises:
        WorkerLost: it ended meanwhile.
        SandboxError: the program does not run there, which is no student's fault.
    """
    worker = zygote.spawn(tier, limits, given=given)
    reply = worker.request(RunCell(0, program), seconds=limits.cell_seconds)
    if reply.raised is not None:
        worker.stop()
        raise SandboxError(f"staff's code does not run in a worker: {reply.raised.type}: "
                           f"{reply.raised.message}")
    return worker


def side_by_side(programs: Sequence[str], name: str) -> tuple[str, list[str]]:
    """One program that holds the function ``name`` of each of these, every one with a namespace of
    its own, in which it finds what the first one defines; what they are called in it."""
    called = [f"{name}_{place}" for place in range(len(programs))]
    return "\n".join([
        "def _of(program, beside={}):",
        "    namespace = {**beside, '__name__': 'implementation'}",
        "    exec(program, namespace)",
        "    return namespace",
        f"_first = _of({programs[0]!r})",
        f"{called[0]} = _first[{name!r}]",
        *(f"{each} = _of({program!r}, _first)[{name!r}]"
          for each, program in zip(called[1:], programs[1:], strict=True)),
    ]), called


def digest(inquiry: Inquiry) -> bytes:
    """The same where all that is asked is the same, to the last bit."""
    return hashlib.sha256(_joined(inquiry.encode(0))).digest()


def _joined(encoded: Encoded) -> bytes:
    header, body = encoded
    return b"".join([json.dumps(header).encode(), *body])
