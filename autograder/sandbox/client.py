"""The trusted side: start a zygote, ask it for workers, talk to them within deadlines."""

from __future__ import annotations

import json
import secrets
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch

from autograder import protocol
from autograder.course import TIERS, Limits, Tier
from autograder.errors import AutograderError
from autograder.sandbox.cores import OwnCore
from autograder.sandbox.launch import Launched, launch
from autograder.sandbox.oom import OutOfMemory
from autograder.worker import denial
from autograder.worker.confine import Confinement
from autograder.worker.loading import Raised

_START_SECONDS = 120
_SPAWN_SECONDS = 30
_END_SECONDS = 10
# Pages read from disk by a worker that was too slow. Where memory suffices there are a few dozen at
# most; where the kernel drops what is needed next, hundreds a second.
_STARVED_FAULTS = 100


class SandboxError(AutograderError):
    """The sandbox itself failed: the grader's fault, never a student's."""


class TierUnavailable(SandboxError):
    """This machine cannot give that tier."""


Why = Literal["timeout", "crashed", "memory", "protocol"]


class WorkerLost(Exception):
    """The worker is gone in the middle of a request. ``why`` says whose doing it was."""

    def __init__(self, why: Why, detail: str) -> None:
        super().__init__(detail)
        self.why = why
        self.detail = detail


@dataclass(frozen=True)
class Reply:
    """What came back for one request; everything in it is the student's to choose."""

    answer: Any
    after: tuple[Any, ...]  # the tensor arguments as they were after the call
    raised: Raised | None
    denied: tuple[str, ...]  # what the question forbids and was called all the same
    steps: int = 0  # lines of Python it took, counted where loops are forbidden


@dataclass(frozen=True)
class End:
    """How a worker ended, as its supervisor saw it."""

    exit: int | None
    reason: str | None
    cpu: float
    peak_kb: int
    major_faults: int  # pages that had to be read from disk
    output: str


@dataclass(frozen=True)
class Usage:
    """What a worker has used since it began, in seconds, as its supervisor reads it."""

    cpu: float
    waited: float  # its threads were ready to run, and had no core


Asked = Callable[[str, list[Any], torch.Tensor | None], Any]
"""The judge's answer for a function it stands in for: (name, arguments, upstream) -> answer, or
the list of its arguments' gradients when there is an upstream gradient."""


class Zygote:
    """A warm process that workers are forked from. Use it as a context manager."""

    def __init__(self, launched: Launched | None = None) -> None:
        """Wait until it is warm: the one that was launched, or else a new one."""
        if not sys.platform.startswith("linux"):
            raise SandboxError(f"workers need Linux; this is {sys.platform}")
        self._process, self._socket = launched or launch()
        self._socket.settimeout(_START_SECONDS)
        try:
            ready = self._socket.recv(16) == b"ready"
        except OSError:
            ready = False
        self._core = OwnCore()
        self._out_of_memory = OutOfMemory()
        if not ready:
            self.close()
            raise SandboxError("the zygote did not start; its message stands above")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def spawn(
        self, tier: Tier, limits: Limits, *, shared: int | None = None,
        cores: Collection[int] | None = None,
    ) -> Worker:
        """A fresh confined worker with nothing loaded.

        Args:
            shared: descriptor of memory that the worker is to map, for timing.
            cores: the only ones it may run on. Unless said, the judge's own, for its supervisor
                too: they work by turns, and to wake each other on another core would cost a
                third more.

        Raises:
            TierUnavailable: a layer of ``tier`` could not be put on.
            SandboxError: the zygote is gone.
        """
        channel, worker_end = socket.socketpair()
        control, supervisor_end = socket.socketpair()
        confinement = Confinement(
            tier=tier, memory_mb=limits.memory_mb, scratch_mb=limits.scratch_mb,
            cpu_seconds=round(limits.submission_seconds) + 10,
        )
        request = {
            "confinement": asdict(confinement), "answer_mb": limits.answer_mb,
            "memory_mb": limits.memory_mb, "output_kb": limits.output_kb,
            "cores": [self._core.choose()] if cores is None else sorted(cores),
            "together": cores is None,
        }
        handed = [worker_end.fileno(), supervisor_end.fileno()]
        try:
            socket.send_fds(self._socket, [json.dumps(request).encode()],
                            handed if shared is None else [*handed, shared])
        except OSError as error:
            channel.close()
            control.close()
            raise SandboxError(f"the zygote is gone: {error}") from None
        finally:
            worker_end.close()
            supervisor_end.close()
        return Worker(channel, control, tier, limits, self._out_of_memory)

    def together(self) -> AbstractContextManager[None]:
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

    def __init__(self, channel: socket.socket, control: socket.socket, tier: Tier,
                 limits: Limits, out_of_memory: OutOfMemory) -> None:
        self._socket = channel
        self._control = control
        self._out_of_memory = out_of_memory
        self._channel = protocol.Channel(channel.fileno(), max_body=limits.answer_mb << 20)
        self._end: End | None = None
        try:
            header, _ = self._channel.receive(time.monotonic() + _SPAWN_SECONDS)
        except (protocol.Timeout, protocol.Closed, protocol.ProtocolError):
            header = {"failed": self.stop().output or "the worker ended at once"}
        if header != {"ready": True}:
            self.stop()
            raise TierUnavailable(f"tier {tier}: {header.get('failed', 'no worker')}")

    def request(
        self, verb: str, *, seconds: float, deny: tuple[str, ...] = (), seed: int | None = None,
        asked: Asked | None = None, **fields: Any,
    ) -> Reply:
        """Send one request and wait for its answer.

        Raises:
            WorkerLost: no well-formed answer within ``seconds``. The worker is stopped then.
            SandboxError: nobody can say how the worker ended.
        """
        if self._end is not None:
            raise WorkerLost("crashed", "the process has ended")
        deadline = time.monotonic() + seconds
        number = secrets.randbits(48)
        encoder = protocol.Encoder(strided=True)
        header = {"id": number, "verb": verb, "deny": list(deny), "seed": seed,
                  "fields": {key: encoder.encode(value) for key, value in fields.items()}}
        try:
            self._channel.check_idle(deadline)
            self._channel.send(header, encoder.body, deadline)
            while True:
                reply, body = self._channel.receive(deadline)
                if asked is None or "ask" not in reply:
                    return _reply(reply, body, number, deny)
                self._tell(reply, body, number, asked, deadline)
        except protocol.Timeout:
            raise self._lost("timeout", f"no answer within {seconds:g} s") from None
        except protocol.Closed:
            raise self._lost("crashed") from None
        except protocol.ProtocolError as error:
            raise self._lost("protocol", str(error)) from None

    def _tell(self, header: dict[str, Any], body: memoryview, number: int, asked: Asked,
              deadline: float) -> None:
        """Answer a question of the worker's in the middle of a request."""
        if set(header) != {"id", "ask", "arguments", "upstream"} or header["id"] != number:
            raise protocol.ProtocolError("not a question")
        decoder = protocol.Decoder(body, strided=False)
        arguments = decoder.decode(header["arguments"])
        upstream = decoder.decode(header["upstream"])
        decoder.finish()
        encoder = protocol.Encoder(strided=True)
        try:
            answer: dict[str, Any] = {
                "told": encoder.encode(asked(str(header["ask"]), arguments, upstream))
            }
        except WorkerLost as lost:
            raise protocol.ProtocolError(lost.detail) from None
        except Exception as error:  # the reference refuses these arguments: so does the stand-in
            answer, encoder = {"refused": str(error)[:500]}, protocol.Encoder(strided=True)
        self._channel.send(answer, encoder.body, deadline)

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
        self._control.settimeout(_END_SECONDS)
        try:
            self._control.sendall(order)
            answer = self._control.recv(protocol.USAGE.size, socket.MSG_WAITALL | socket.MSG_PEEK)
        except OSError:
            answer = b""
        if len(answer) != protocol.USAGE.size or answer[0]:  # it is the report of its end
            raise self._lost("crashed")
        self._control.recv(protocol.USAGE.size)
        cpu, waited = protocol.USAGE.unpack(answer)
        return Usage(cpu / 1e9, waited / 1e9)

    def _lost(self, why: Why, detail: str | None = None) -> WorkerLost:
        """The worker's loss, as its supervisor saw it, or for the reason that it is stopped now.

        Raises:
            SandboxError: its supervisor ended with it, which no student can do; or it was killed,
                by us or not, where the machine has run out of memory since we last looked; or it
                was slow because the machine has too little.
        """
        end = self.stop()
        if end.reason == "memory":
            return WorkerLost("memory", "used more memory than allowed")
        if end.exit is None:
            raise SandboxError("the worker's supervisor is gone")
        starved = why == "timeout" and end.major_faults > _STARVED_FAULTS
        if end.exit == -signal.SIGKILL and (starved or self._out_of_memory.struck()):
            raise SandboxError("the machine ran out of memory; grade fewer submissions at the "
                               "same time, by --workers, or lower memory_mb")
        return WorkerLost(why, detail or _how(end.exit))

    def stop(self) -> End:
        """End the worker, by force if it has not ended, and say how it ended."""
        if self._end is None:
            self._socket.close()
            self._end = self._ended()
            self._control.close()
        return self._end

    def _ended(self) -> End:
        """Tell the supervisor to kill, unless the worker is dead already, and read its report."""
        self._control.settimeout(_END_SECONDS)
        pieces: list[bytes] = []
        try:
            if not select.select([self._control], [], [], 0.0)[0]:
                self._control.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):  # the end, where an order was not read any more
                while piece := self._control.recv(1 << 20):
                    pieces.append(piece)
            report = json.loads(b"".join(pieces))
        except (OSError, ValueError):
            report = {}
        return End(
            report.get("exit"), report.get("reason"), report.get("cpu", 0.0),
            report.get("peak_kb", 0), report.get("major_faults", 0),
            report.get("output", report.get("failed", "")),
        )


def best_tier(zygote: Zygote, limits: Limits) -> Tier:
    """The strongest tier this machine really gives, found by starting a worker in each."""
    for tier in TIERS:
        try:
            zygote.spawn(tier, limits).stop()
            return tier
        except TierUnavailable:
            continue
    raise SandboxError("no worker can be started at all")


def _reply(
    header: dict[str, Any], body: memoryview, number: int, deny: tuple[str, ...]
) -> Reply:
    if header.get("id") != number:
        raise protocol.ProtocolError("an answer to another question")
    denied = header.get("denied")
    # Only names we know: one of the worker's own making could carry a hidden input out.
    if not isinstance(denied, list) or not all(name in denial.names(deny) for name in denied):
        raise protocol.ProtocolError("not an answer")
    names = tuple(denied[:10])
    steps = header.get("steps")
    if type(steps) is not int or not 0 <= steps < 1 << 48:
        raise protocol.ProtocolError("not an answer")
    decoder = protocol.Decoder(body, strided=False)
    if set(header) == {"id", "answer", "after", "denied", "steps"}:
        answer, after = decoder.decode(header["answer"]), decoder.decode(header["after"])
        decoder.finish()
        if not isinstance(after, list):
            raise protocol.ProtocolError("not an answer")
        return Reply(answer, tuple(after), None, names, steps)
    if set(header) == {"id", "raised", "denied", "steps"}:
        decoder.finish()
        return Reply(None, (), _raised(header["raised"]), names, steps)
    raise protocol.ProtocolError("not an answer")


def _raised(form: Any) -> Raised:
    if not isinstance(form, dict) or set(form) != {"type", "bases", "message", "cell", "line"}:
        raise protocol.ProtocolError("not an exception")
    texts = [form["type"], form["message"], *(form["bases"] if isinstance(form["bases"], list)
                                              else [None])]
    if not all(isinstance(text, str) for text in texts):
        raise protocol.ProtocolError("not an exception")
    places = (form["cell"], form["line"])
    if not all(place is None or (type(place) is int and 0 <= place < 1 << 31) for place in places):
        raise protocol.ProtocolError("not an exception")
    clean = [text.encode("utf-8", "replace").decode()[:2_000] for text in texts]
    return Raised(clean[0], tuple(clean[2:22]), clean[1], *places)


def _how(code: int) -> str:
    if code >= 0:
        return f"the process ended itself with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:  # most real-time signals have none
        name = f"signal {-code}"
    return f"the process was killed by {name}"
