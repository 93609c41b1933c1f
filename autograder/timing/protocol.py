"""One timed call: the judge's clock, the judge's memory, and a worker that is frozen otherwise.

    the device is quiet · thaw · clock starts · inputs into the shared memory · go · done · answer
    copied out · clock stops · freeze · every number of the copy is looked at

The inputs of a call are made after the answer to the call before it has been judged, so that there
is nothing to keep, to recognize or to work on in advance. The worker reports no time. What it
writes into the shared memory after it said that it is done has no effect: only the copy is judged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from typing_extensions import override

from autograder.course import Limits, Tier
from autograder.judge.implementation import Allowance, Student
from autograder.protocol import PrepareTiming, Reply, Request, TimedCall
from autograder.rules import Rule
from autograder.sandbox.client import Worker, WorkerLost, Zygote
from autograder.submission import Notebook
from autograder.timing.devices.interface import Equipment
from autograder.timing.disturbance import Machine, between
from autograder.timing.tasks import Task
from autograder.worker.driver import UNKNOWN, CudaError

_PREPARE_SECONDS = 10.0
_LOOKS = 100  # until a device that is not quiet is given up: half a second


@dataclass(frozen=True)
class Call:
    """One timed call, as the judge saw it."""

    seconds: float  # by the judge's clock
    waited: float  # seconds of these in which it was ready and had no core
    is_starved: bool  # for most of them
    is_interrupted: bool  # by the host or a quota
    is_right: bool
    found_work: bool = False  # on the device before it, though every worker was frozen
    is_slowed: bool = False  # the device, by heat or power
    is_impossible: bool = False  # the device cannot even move the numbers in that time

    @property
    def is_disturbed(self) -> bool:
        """By anything but what a function does to itself."""
        return self.is_interrupted or self.found_work or self.is_slowed

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


class Restless(Exception):
    """The device does not become quiet, though every worker is frozen."""


class Runner(Student):
    """A notebook in a confined worker of its own, frozen but for the calls that are timed.

    The staff's solution is a notebook here like any other.
    """

    def __init__(
        self, zygote: Zygote, tier: Tier, limits: Limits, notebook: Notebook, name: str, *,
        equipment: Equipment, shapes: Sequence[Sequence[Sequence[int]]],
        cores: Collection[int], deny: tuple[Rule, ...] = (),
    ) -> None:
        """``name`` is the function to time; ``shapes`` are those of all tasks to come."""
        self.name = name
        self._equipment = equipment
        self._block = equipment.block(shapes)
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
        shapes, handed = task.shapes, self._block.handed
        self._working.thaw()
        self._say(PrepareTiming(self.name, tuple(map(tuple, shapes)), tuple(task.numbers),
                                len(self._cores), handed.device, handed.block_size),
                  _PREPARE_SECONDS)
        self._working.freeze()
        self._block.lay_out(shapes)
        self._task = task

    def call(self, seconds: float, verify: bool = True) -> Call:
        """One call, given up after ``seconds``.

        Raises:
            WorkerLost: it took longer, or the worker ended.
            CallEnded: the function did not answer, or used what it must not.
            Restless: there is no quiet in which to call it.
            CudaError: the device failed.
        """
        assert self._task is not None
        equipment, block, clock = self._equipment, self._block, self._equipment.clock
        with _judging_on(equipment):
            inputs = self._task.draw(equipment.judges_on)
        block.stage(inputs)
        looks = looks_until_quiet(equipment, _LOOKS)
        worker = self._working
        thawed = worker.thaw()
        before = self._machine.read()
        started = clock()
        block.hand_over()
        went = clock()
        self._say(TimedCall(), seconds)
        worked = clock() - went
        block.take_back()
        took = clock() - started
        after = self._machine.read()
        disturbance = between(before, after, took=took, worked=worked, thawed=thawed,
                              frozen=worker.freeze())
        is_slowed = equipment.is_slowed()
        with _judging_on(equipment):
            is_right = not verify or self._task.verifier.is_right(block.answer(), inputs)
        # What is apart went on while the call's threads waited for a core: nothing is taken off.
        return Call(
            took, 0.0 if equipment.is_apart else disturbance.waited,
            disturbance.starves(took), disturbance.interrupts(took),
            is_right, found_work=looks > 1, is_slowed=is_slowed,
            is_impossible=worked < equipment.floor(self._task.size))

    def kill(self) -> None:
        """End the worker, and with it what it has on the device."""
        if self._worker is not None:
            self._drop()  # frozen: it would not hear of anything kinder

    @property
    def equipment(self) -> Equipment:
        return self._equipment

    @property
    def has_worked_long(self) -> bool:
        """Whether half of the processor time that its worker gets may be over."""
        limit = self._limits.submission_seconds
        return 2 * len(self._cores) * (limit - self._allowance.left) > limit

    @override
    def close(self) -> str:
        try:
            self.kill()
            return super().close()
        finally:
            self._block.close()

    @property
    def _working(self) -> Worker:
        if self._worker is None:
            said = "".join(self._output).strip().splitlines()[-1:]
            raise WorkerLost("crashed", ": ".join(["the worker ended before it was timed", *said]))
        return self._worker

    @override
    def _spawn(self) -> Worker:
        handed = self._block.handed
        return self._zygote.spawn(self._tier, self._limits, shared=handed.memory,
                                  block=handed.block, device=self._equipment.uuid,
                                  cores=self._cores, watched=self._deny)

    def _say(self, request: Request, seconds: float) -> None:
        reply = self.request(request, seconds=seconds, deny=self._deny)
        if reply.raised is not None or reply.denied:
            raise CallEnded(reply)


@contextmanager
def _judging_on(equipment: Equipment) -> Iterator[None]:
    """torch may fail in the judge for what others do to the device: its memory may be full, say."""
    try:
        yield
    except RuntimeError as error:
        if not equipment.is_apart:
            raise
        raise CudaError(f"{type(error).__name__} in the judge", UNKNOWN) from error


def looks_until_quiet(equipment: Equipment, most: int) -> int:
    """How many looks at the device it takes until it is quiet.

    Raises:
        Restless: more than ``most``.
    """
    for look in range(1, most + 1):
        if equipment.is_quiet():
            return look
    raise Restless
