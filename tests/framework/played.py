"""Programs in the place of workers, on the GPU of ``fake_gpu``; the judge's side is our own."""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from fake_gpu import FakeDriver, FakeSensors, Work, World
from timed import TASK, convolution

from autograder.protocol import PrepareTiming, Request, TimedCall, shared_memory
from autograder.sandbox.client import WorkerLost
from autograder.sandbox.patience import Usage
from autograder.timing.devices.cuda import Gpu
from autograder.timing.disturbance import Reading
from autograder.timing.protocol import Runner

HONEST = 0.010  # seconds of the device that the sums take


@dataclass
class Hands:
    """What a worker's code can do: with the judge's memory, with the device, and on its own."""

    world: World
    driver: FakeDriver
    context: str
    given: list[torch.Tensor] = field(default_factory=list)
    answer: torch.Tensor = field(default_factory=lambda: torch.empty(0))
    is_copying: bool = False  # memory of the machine is what both know
    kept: dict[str, Any] = field(default_factory=dict)

    def right(self) -> torch.Tensor:
        """The answer, as whoever has done the sums knows it."""
        X, W, b = self.given
        return convolution(X, W, b, *TASK.numbers)  # type: ignore[no-untyped-call, no-any-return]

    def compute(self, seconds: float = HONEST) -> None:
        """Have the device work, and wait for it."""
        self.world.run(self.context, seconds)

    def leave(self, seconds: float, then: Callable[[], None] = lambda: None, **how: Any) -> None:
        """Have the device work, and do not wait for it."""
        self.world.give(self.context, Work(seconds, then, **how))


Program = Callable[[Hands], None]


def honest(hands: Hands) -> None:
    if hands.is_copying:
        hands.world.moved(hands.context, sum(4 * each.numel() for each in hands.given), 25e9)
    hands.compute()
    hands.answer.copy_(hands.right())


class Played(Runner):
    """A runner whose worker is a program."""

    def __init__(self, gpu: Gpu, world: World, name: str, program: Program) -> None:
        self.name = name
        self._equipment = gpu
        self._block = gpu.block([TASK.shapes])
        self._cores = [0]
        self._machine = QuietMachine()  # type: ignore[assignment]
        self._task = None
        self._program = program
        self.hands = Hands(world, FakeDriver(world, name), name)
        self.is_killed = False

    @property
    def _working(self) -> Any:
        return self

    def thaw(self) -> Usage:
        return Usage(0.0, 0.0)

    def freeze(self) -> Usage:
        return Usage(0.0, 0.0)

    def kill(self) -> None:
        self.is_killed = True
        self.hands.world.kill(self.hands.context)

    def close(self) -> str:
        self.kill()
        self._block.close()
        return ""

    def _say(self, request: Request, seconds: float) -> None:
        if self.is_killed:
            raise WorkerLost("crashed", "it was killed")
        if isinstance(request, PrepareTiming):
            self._attach(request)
        else:
            assert isinstance(request, TimedCall)
            self._program(self.hands)

    def _attach(self, request: PrepareTiming) -> None:
        assert request.device == "cuda"
        handed, hands = self._block.handed, self.hands
        if request.block_size:
            assert handed.block is not None
            pointer = hands.driver.attach(os.dup(handed.block), request.block_size)
            memory = hands.driver.numbers(pointer)
        else:
            assert handed.memory is not None
            memory, hands.is_copying = mmap.mmap(handed.memory, 0), True
        *hands.given, hands.answer = shared_memory.views(memory, request.shapes)


class QuietMachine:
    def read(self) -> Reading:
        return Reading(0.0, 0.0, 0.0)


@dataclass
class Stage:
    """A device, and what the judge needs to time two programs on it."""

    world: World
    sensors: FakeSensors
    gpu: Gpu


def stage(world: World | None = None) -> Stage:
    world, sensors = world or World(), FakeSensors()
    return Stage(world, sensors,
                 Gpu(FakeDriver(world, "judge"), sensors, clock=world.clock, judges_on="cpu"))


@contextmanager
def both(
    on: Stage, student: Program, staff: Program = honest, kind: type[Played] = Played
) -> Iterator[tuple[Played, Played]]:
    """The staff's runner, warm and with its times in ``times``, and the student's."""
    ours = kind(on.gpu, on.world, "staff", staff)
    theirs = kind(on.gpu, on.world, "student", student)
    try:
        yield ours, theirs
    finally:
        ours.close()
        theirs.close()
