"""One timed call: the judge's clock, the judge's memory, and a worker that is frozen otherwise.

    thaw · clock starts · inputs into the shared memory · go · done · answer copied out · clock
    stops · freeze · every number of the copy is looked at

The inputs of a call are made after the answer to the call before it has been judged, so that there
is nothing to keep, to recognize or to work on in advance. The worker reports no time. What it
writes into the shared memory after it said that it is done has no effect: only the copy is judged.
"""

from __future__ import annotations

import mmap
import os
import secrets
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from fcntl import F_ADD_SEALS, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_SHRINK, fcntl
from typing import Any

import torch
from typing_extensions import override

from autograder.course import Limits, Problem, Tier
from autograder.judge import tolerance
from autograder.judge.implementation import Allowance, Student
from autograder.protocol import PrepareTiming, Reply, Request, TimedCall, shared_memory
from autograder.rules import Rule
from autograder.sandbox.client import Worker, WorkerLost, Zygote
from autograder.submission import Notebook
from autograder.timing.disturbance import Machine, between

_LARGEST_RELATIVE_ERROR = 2e-5
"""Of an answer as a whole, ‖y − ŷ‖₂ / ‖y‖₂: float32 in any order of summation stays below 1e-6,
TF32 is near 3e-4."""
_PREPARE_SECONDS = 10.0


class Memory:
    """Memory that the judge shares with one worker, large enough for every problem."""

    def __init__(self, shapes: Sequence[Sequence[Sequence[int]]]) -> None:
        self.descriptor = os.memfd_create("timed", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.descriptor, max(map(shared_memory.size, shapes)))
        # A worker that made it shorter would have the judge killed by SIGBUS.
        fcntl(self.descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
        self.map = mmap.mmap(self.descriptor, 0)

    def close(self) -> None:
        """Give the descriptor back; the memory goes when no tensor lies in it any more."""
        os.close(self.descriptor)


@dataclass(frozen=True)
class Task:
    """A problem of grader.toml, with the function that knows the right answers."""

    problem: Problem
    reference: Callable[..., Any]

    @property
    def numbers(self) -> list[Any]:
        return [tuple(n) if isinstance(n, list) else n for n in self.problem.numbers]

    @property
    def shapes(self) -> list[list[int]]:
        """Of the tensors, and of the answer."""
        given = [torch.empty(shape, device="meta") for shape in self.problem.tensors]
        answer = self.reference(*given, *self.numbers)
        return [*self.problem.tensors, list(answer.shape)]

    def draw(self) -> list[torch.Tensor]:
        """New random inputs, which no student can predict."""
        random = torch.Generator().manual_seed(secrets.randbits(63))
        return [torch.randn(shape, generator=random) for shape in self.problem.tensors]

    def is_right(self, answer: torch.Tensor, given: Sequence[torch.Tensor]) -> bool:
        """Whether every number of ``answer`` is right, and all together are as precise as float32.
        NaN is not."""
        exact = self.reference(*map(tolerance.exact, given), *self.numbers)
        error = (answer.double() - exact).abs()
        if not float(error.norm()) <= _LARGEST_RELATIVE_ERROR * float(exact.norm()):
            return False
        bound = tolerance.bound(self.reference, (*given, *self.numbers))
        return not isinstance(bound, torch.Tensor) or bool(
            (error <= torch.finfo(torch.float32).eps * bound).all())


@dataclass(frozen=True)
class Call:
    """One timed call, as the judge saw it."""

    seconds: float  # by the judge's clock
    waited: float  # seconds of these in which it was ready and had no core
    is_starved: bool  # for most of them
    is_interrupted: bool  # by the host or a quota
    is_right: bool

    @property
    def net(self) -> float:
        """The seconds that count."""
        return self.seconds - self.waited


class WrongAnswer(Exception):
    """A timed call answered something else than the reference."""


class CallEnded(Exception):
    """A timed call ended by an exception or by a forbidden operator: ``reply`` says which."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.raised.type if reply.raised else "")
        self.reply = reply


class Runner(Student):
    """A notebook in a confined worker of its own, frozen but for the calls that are timed.

    The staff's solution is a notebook here like any other.
    """

    def __init__(
        self, zygote: Zygote, tier: Tier, limits: Limits, notebook: Notebook, name: str, *,
        shapes: Sequence[Sequence[Sequence[int]]], cores: Collection[int],
        deny: tuple[Rule, ...] = (),
    ) -> None:
        """``name`` is the function to time; ``shapes`` are those of all tasks to come."""
        self.name = name
        self._memory = Memory(shapes)
        self._cores = cores
        self._machine = Machine(cores)
        self._deny = deny
        self._task: Task | None = None
        super().__init__(zygote, tier, limits, notebook, [name],
                         Allowance(limits.submission_seconds))

    def prepare(self, task: Task) -> None:
        """Get ready for calls with the inputs of ``task``; frozen from here on.

        Raises:
            WorkerLost: the worker ended.
            CallEnded: the function is not there, say.
        """
        shapes = task.shapes
        self._working.thaw()
        self._say(PrepareTiming(self.name, tuple(map(tuple, shapes)), tuple(task.numbers),
                                len(self._cores)), _PREPARE_SECONDS)
        self._working.freeze()
        *self._given, self._answer = shared_memory.views(self._memory.map, shapes)
        self._task = task

    def call(self, seconds: float, verify: bool = True) -> Call:
        """One call, given up after ``seconds``.

        Raises:
            WorkerLost: it took longer, or the worker ended.
            CallEnded: the function did not answer, or used what it must not.
        """
        assert self._task is not None
        inputs = self._task.draw()
        self._answer.fill_(torch.nan)
        worker = self._working
        thawed = worker.thaw()
        before = self._machine.read()
        started = time.perf_counter()
        for place, tensor in zip(self._given, inputs, strict=True):
            place.copy_(tensor)
        went = time.perf_counter()
        self._say(TimedCall(), seconds)
        worked = time.perf_counter() - went
        answer = self._answer.clone()
        took = time.perf_counter() - started
        after = self._machine.read()
        disturbance = between(before, after, took=took, worked=worked, thawed=thawed,
                              frozen=worker.freeze())
        return Call(took, disturbance.waited, disturbance.starves(took),
                    disturbance.interrupts(took),
                    not verify or self._task.is_right(answer, inputs))

    @override
    def close(self) -> str:
        try:
            if self._worker is not None:
                self._drop()  # frozen: it would not hear of anything kinder
            return super().close()
        finally:
            self._memory.close()

    @property
    def _working(self) -> Worker:
        if self._worker is None:
            raise WorkerLost("crashed", "the worker ended before it was timed")
        return self._worker

    @override
    def _spawn(self) -> Worker:
        return self._zygote.spawn(self._tier, self._limits, shared=self._memory.descriptor,
                                  cores=self._cores, watched=self._deny)

    def _say(self, request: Request, seconds: float) -> None:
        reply = self.request(request, seconds=seconds, deny=self._deny)
        if reply.raised is not None or reply.denied:
            raise CallEnded(reply)
