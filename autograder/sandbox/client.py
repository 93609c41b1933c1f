"""The trusted side: start a zygote, ask it for workers, talk to them within deadlines."""

from __future__ import annotations

import secrets
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any, Literal

from autograder import protocol, systems
from autograder.course import TIERS, Limits, Tier
from autograder.errors import AutograderError
from autograder.protocol import (
    Confinement,
    Declined,
    End,
    Inquiry,
    Reply,
    Request,
    Spawn,
    Start,
    Told,
    encode_request,
    rules,
)
from autograder.rules import Rule
from autograder.sandbox.cores import OwnCore
from autograder.sandbox.fault import memory_left, our_fault
from autograder.sandbox.launch import Launched, launch
from autograder.sandbox.patience import Patience, Usage

_START_SECONDS = 120
_SPAWN_SECONDS = 30
_DEVICE_SECONDS = 60  # the same, where a GPU is opened
_END_SECONDS = 10
_DYING_SECONDS = 1.0  # from the end of a worker's channel to its own


class SandboxError(AutograderError):
    """The sandbox itself failed: the grader's fault, never a student's."""


class TierUnavailable(SandboxError):
    """This machine cannot give that tier."""


Why = Literal["timeout", "interrupted", "crashed", "memory", "protocol"]


class WorkerLost(Exception):
    """The worker is gone in the middle of a request. ``why`` says whose doing it was."""

    def __init__(self, why: Why, detail: str) -> None:
        super().__init__(detail)
        self.why = why
        self.detail = detail


Asked = Callable[[Inquiry, float], Any]
"""The right answer of a function that is stood in for: (inquiry, seconds) -> answer, or the list of
its arguments' gradients when there is an upstream gradient."""


class Zygote:
    """A warm process that workers are forked from. Use it as a context manager."""

    def __init__(
        self, launched: Launched | None = None, device: Literal["cpu", "cuda"] = "cpu"
    ) -> None:
        """Wait until it is warm: the one that was launched, or else a new one, for workers that
        use ``device``."""
        if (why := systems.lacking()) is not None:
            raise SandboxError(why)
        self._process, self._socket = launched or (
            launch() if device == "cpu" else launch(device=device))
        self._socket.settimeout(_START_SECONDS)
        try:
            ready = self._socket.recv(16) == b"ready"
        except OSError:
            ready = False
        self._core = OwnCore()
        if not ready:
            self.close()
            raise SandboxError("the zygote did not start; its message stands above")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def spawn(
        self, tier: Tier, limits: Limits, *, shared: int | None = None, block: int | None = None,
        cores: Collection[int] | None = None, device: str | None = None, cudnn: bool = True,
        watched: tuple[Rule, ...] = (), given: Path | None = None,
        stand_ins: Collection[str] | None = None,
    ) -> Worker:
        """A fresh confined worker with nothing loaded.

        Args:
            given: a folder whose files it finds where it begins, to read.
            stand_ins: packages that are stood in for; None: those that always are.
            shared: descriptor of memory that the worker is to map, for timing.
            block: descriptor of a block of memory on its device, for the same.
            device: the UUID of the one GPU that it may use, ``rehearsal`` for all but the GPU.
            cudnn: it can open cuDNN's parts.
            cores: the only ones it may run on. Unless said, the judge's own, for its supervisor
                too: they work by turns, and to wake each other on another core would cost a
                third more.
            watched: rules on functions of packages that may be in force later.

        Raises:
            TierUnavailable: a layer of ``tier`` could not be put on.
            SandboxError: the zygote is gone.
        """
        channel, worker_end = socket.socketpair()
        control, supervisor_end = socket.socketpair()
        beside = {name: descriptor for name, descriptor in zip(
            protocol.HANDED, (shared, block), strict=True) if descriptor is not None}
        spawn = Spawn(
            Confinement(tier=tier, memory_mb=limits.memory_mb, scratch_mb=limits.scratch_mb,
                        cpu_seconds=round(limits.submission_seconds) + 10, device=device,
                        device_mb=limits.device_memory_mb, cudnn=cudnn, given=str(given or ""),
                        stand_ins=None if stand_ins is None else tuple(sorted(stand_ins))),
            answer_mb=limits.answer_mb, output_kb=limits.output_kb,
            cores=(self._core.choose(),) if cores is None else tuple(sorted(cores)),
            pinned=cores is None, handed=tuple(beside),
            watched=tuple(rule for rule in watched if rule.calls))
        try:
            socket.send_fds(self._socket, [spawn.encode()],
                            [worker_end.fileno(), supervisor_end.fileno(), *beside.values()])
        except OSError as error:
            channel.close()
            control.close()
            raise SandboxError(f"the zygote is gone: {error}") from None
        finally:
            worker_end.close()
            supervisor_end.close()
        return Worker(channel, control, tier, limits,
                      _SPAWN_SECONDS if device is None else _DEVICE_SECONDS)

    def pinned(self) -> AbstractContextManager[None]:
        """Meanwhile, this thread stays on the core of the workers that it spawns."""
        return self._core.kept()

    def close(self) -> None:
        self._core.release()
        self._socket.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class Worker:
    """One confined worker. After ``WorkerLost`` or ``stop`` it answers nothing any more."""

    def __init__(
        self, channel: socket.socket, control: socket.socket, tier: Tier, limits: Limits,
        patience: float = _SPAWN_SECONDS,
    ) -> None:
        self._socket = channel
        self._control = control
        self._promised = limits.memory_mb << 20
        self._channel = protocol.Channel(channel.fileno(), max_body=limits.answer_mb << 20)
        self._end: End | None = None
        self._is_silent = False  # its supervisor
        self.excused = 0.0
        """Seconds of its requests in which it was kept waiting for a core, as far as they came near
        their limits."""
        try:
            header, _ = self._channel.receive(time.monotonic() + patience)
            start = Start.read(header)
        except (protocol.Timeout, protocol.Closed, protocol.ProtocolError):
            start = Start(self.stop().output or "the worker ended at once")
        if start.failure is not None:
            self.stop()
            raise TierUnavailable(f"tier {tier}: {start.failure}")

    def request(
        self, request: Request, *, seconds: float, deny: tuple[Rule, ...] = (),
        seed: int | None = None, asked: Asked | None = None,
    ) -> Reply:
        """Send one request and wait for its answer.

        Raises:
            WorkerLost: no well-formed answer within ``seconds``, and what it had to wait for a core
                (see ``patience``). The worker is stopped then.
            SandboxError: nobody can say how the worker ended.
        """
        if self._end is not None:
            raise WorkerLost("crashed", "the process has ended")
        deadline = Patience(seconds, self._look)
        number = secrets.randbits(48)
        frame = encode_request(number, request, deny, seed)
        try:
            self._channel.check_idle(deadline)
            self._channel.send(*frame, deadline)
            while True:
                header, body = self._channel.receive(deadline)
                if asked is None or not Inquiry.is_one(header):
                    return Reply.read(header, body, number, rules.names(deny))
                self._tell(Inquiry.read(header, body, number), asked, deadline)
        except protocol.Timeout:
            raise self._lost("timeout", f"no answer within {seconds:g} s") from None
        except protocol.Closed:
            raise self._lost("crashed") from None
        except protocol.ProtocolError as error:
            raise self._lost("protocol", str(error)) from None
        finally:
            self.excused += deadline.excused

    def _look(self) -> Usage | None:
        """What it has used by now; None where nobody can say."""
        return self._ordered(protocol.LOOK) if self._end is None else None

    def _tell(self, inquiry: Inquiry, asked: Asked, deadline: Patience) -> None:
        """Answer a question of the worker's in the middle of a request."""
        try:
            answer = asked(inquiry, deadline.left)
            frame = Told(answer).encode()
        except WorkerLost as lost:
            raise (protocol.Timeout if lost.why == "timeout" else protocol.ProtocolError)(
                lost.detail) from None
        except SandboxError:
            raise
        except Exception as error:  # the reference refuses these arguments
            frame = Declined(str(error)).encode()
        self._channel.send(*frame, deadline)

    def freeze(self) -> Usage:
        """Stop every thread of the worker until ``thaw``.

        Raises:
            WorkerLost: it has ended.
            SandboxError: nobody can say how.
        """
        return self._order(protocol.FREEZE)

    def thaw(self) -> Usage:
        """Let the worker go on; what it had used before that. Raises like ``freeze``."""
        return self._order(protocol.THAW)

    def _order(self, order: bytes) -> Usage:
        if self._end is not None:
            raise WorkerLost("crashed", "the process has ended")
        used = self._ordered(order)
        if used is None:
            raise self._lost("crashed")
        return used

    def _ordered(self, order: bytes) -> Usage | None:
        """What its supervisor answers to an order; None where it does not, for the worker has
        ended, or it did not once: what it says later answers no other order."""
        if self._is_silent:
            return None
        self._control.settimeout(_END_SECONDS)
        try:
            self._control.sendall(order)
            answer = self._control.recv(protocol.USAGE.size, socket.MSG_WAITALL | socket.MSG_PEEK)
        except OSError:
            answer = b""
        if len(answer) != protocol.USAGE.size or answer[0]:  # it is the report of its end
            self._is_silent = True
            return None
        self._control.recv(protocol.USAGE.size)
        return Usage(*(nanoseconds / 1e9 for nanoseconds in protocol.USAGE.unpack(answer)))

    def _lost(self, why: Why, detail: str | None = None) -> WorkerLost:
        """The worker's loss, as its supervisor saw it, or for the reason that it is stopped now.

        Raises:
            SandboxError: it is the grader's own fault, as ``our_fault`` says.
        """
        end = self.stop(_DYING_SECONDS if why == "crashed" else 0.0)
        fault = our_fault(end, late=why == "timeout", left=memory_left, promised=self._promised)
        if fault is not None:
            raise SandboxError(fault)
        if end.reason == "memory":
            return WorkerLost("memory", "used more memory than allowed")
        return WorkerLost(why, detail or _how(end))

    def stop(self, patience: float = 0.0) -> End:
        """End the worker, by force if it has not ended in ``patience`` seconds, and say how it
        ended."""
        if self._end is None:
            self._socket.close()
            self._end = self._ended(patience)
            self._control.close()
        return self._end

    def _ended(self, patience: float) -> End:
        """Tell the supervisor to kill, unless the worker is dead by then, and read its report."""
        self._control.settimeout(_END_SECONDS)
        pieces: list[bytes] = []
        try:
            if not select.select([self._control], [], [], patience)[0]:
                self._control.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):  # the end, where an order was not read any more
                while piece := self._control.recv(1 << 20):
                    pieces.append(piece)
            return End.read(b"".join(pieces))
        except (OSError, ValueError):
            return End(None)


def best_tier(zygote: Zygote, limits: Limits) -> Tier:
    """The strongest tier this machine really gives, found by starting a worker in each."""
    for tier in TIERS:
        try:
            zygote.spawn(tier, limits).stop()
            return tier
        except TierUnavailable:
            continue
    raise SandboxError("no worker can be started at all")


def _how(end: End) -> str:
    if end.reason == "unstoppable":
        return "the process could not be stopped"
    assert end.exit is not None
    if end.exit >= 0:
        return f"the process ended itself with exit code {end.exit}"
    try:
        name = signal.Signals(-end.exit).name
    except ValueError:  # most real-time signals have none
        name = f"signal {-end.exit}"
    return f"the process was killed by {name}"
