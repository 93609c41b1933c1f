"""One look at a machine: facts, the tables, and what is measured where all is well."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from autograder.errors import ExitStatus
from autograder.gpucheck import facts, layers, report, steps
from autograder.gpucheck.children import Tell, described, run
from autograder.gpucheck.layers import ALONE, CUMULATIVE, FORKED, FRESH, IN_PARTS, Layering
from autograder.gpucheck.listening import Listener
from autograder.worker import device, rehearsal

PROBES = "autograder.timing.probes"
"""What is measured where all is well: a module with ``PROBES``, functions by name that take the
course's folder and return what JSON can hold. By name, for it may fail to be imported."""
_STEP_SECONDS = 20.0  # without a word, until a child is ended
_PROBE_SECONDS = 60.0  # of one probe
_MOST_SAID = 300  # of a finding, on the terminal; the file has all of it


@dataclass(frozen=True)
class StepKind:
    """One kind of steps, and how many of them come before the filter of system calls."""

    title: str
    make: Callable[[rehearsal.Nodes, int | None], steps.NamedSteps]
    begins: int


def kinds(name: str) -> dict[str, StepKind]:
    """By title: of the GPU with this UUID. Each is made of nodes and a block's descriptor."""
    return {each.title: each for each in (
        StepKind("rehearsal", lambda nodes, _: steps.rehearsal_steps(nodes), len(rehearsal.ONCE)),
        StepKind("driver", lambda _, block: steps.DriverSteps(name, block).steps(),
                 steps.DRIVER_BEGINS),
        StepKind("torch", lambda *_: steps.torch_steps(name), steps.TORCH_BEGINS),
    )}


class MachineCheck:
    """Of this machine; what is found is in the file at once."""

    def __init__(self, output: Path, course: Path, seconds: float,
                 only: Sequence[str] = ()) -> None:
        """
        Args:
            course: folder of the course, whose problems are timed.
            only: names of figures. Given, these are measured, and no table is made.

        Raises:
            OSError: the file cannot be written.
        """
        self._report = report.Report(output)
        self._process = os.getpid()
        self._course = course
        self._deadline = time.monotonic() + seconds
        self._only = tuple(only)
        self._block: int | None = None
        self._lacking: list[str] = []

    def run(self) -> bool:
        """Whether all is well."""
        name = self._facts()
        if not self._only:
            self._table("rehearsal", device.REHEARSAL)
        found = self._under(FRESH, "driver", name)
        self._report.add("driver, in a fresh process", found)
        _say("driver, in a fresh process", found)
        if not name or any("error" in outcome for step, outcome in found.items()
                           if step != steps.OF_ANOTHER):
            self._lacking.append("no program can use CUDA here, confined or not")
        elif self._only:
            self._measure(name)
        else:
            self._hold_a_block(name)
            self._table("driver", name)
            unconfined = self._table("torch", name)[FRESH.name]
            if not any("error" in outcome for outcome in unconfined.values()):
                self._measure(name)
        self._report.add("lacking", self._lacking)
        self._report.add("complete", True)
        for line in self._lacking:
            print(f"lacking: {line}")
        return not self._lacking

    def stop(self, number: int, frame: FrameType | None) -> NoReturn:
        """On a signal, also in a child that has just begun: what was found is in the file.

        At once, and by no exception: in the midst of a fork nobody would hear of one."""
        if os.getpid() == self._process:
            self._report.add("ended by", signal.Signals(number).name)
        os._exit(ExitStatus.INTERRUPTED)

    def _facts(self) -> str:
        """The UUID of the machine's first GPU, or nothing."""
        told = run(facts.tell_all, _STEP_SECONDS)
        found = {said.get("fact", "ended"): said.get("is", said.get("error"))
                 for said in told.said}
        self._report.add("facts", found)
        for name in ("system", "python", "torch", "NVML", "lacking"):
            print(f"{name:10} {found.get(name)}")
        told_of = [*device.gpus(), (found.get("NVML") or {}).get("uuid", "")]
        return str(told_of[0])

    def _table(self, title: str, name: str) -> dict[str, Any]:
        """By layering and step, printed and in the report."""
        found: dict[str, Any] = {}
        columns = (*CUMULATIVE, *ALONE) if title == "rehearsal" else (FRESH, *CUMULATIVE, *ALONE)
        for each in (*columns, *IN_PARTS):
            if time.monotonic() > self._deadline and found:
                self._lacking.append(f"{title}: no time was left for {each.name}")
                break
            found[each.name] = self._under(each, title, name)
            self._report.add(title, found)
        print(report.table(title, columns, found))
        whole = found.get(CUMULATIVE[-1].name, {})
        self._lacking += [f"{title}: {step}: {report.blamed(columns, found, step)}"
                          for step in found.get(FORKED.name, {})
                          if not report.passed(whole, step)]
        return found

    def _under(self, layering: Layering, title: str, name: str) -> dict[str, Any]:
        """What comes of these steps under these layers."""
        kind, block = kinds(name)[title], self._block
        if layering is FRESH:
            command = [sys.executable, "-P", "-m", "autograder.gpucheck", "--steps", title, name,
                       str(-1 if block is None else block)]
            return report.outcomes(run(partial(
                layers.take_afresh, command, [] if block is None else [block]), _STEP_SECONDS))
        listener = Listener() if layering.seccomp == "told" else None
        told = run(
            partial(layers.take, layering, name or device.REHEARSAL,
                    lambda nodes: kind.make(nodes, block), kind.begins, listener),
            _STEP_SECONDS, listener.start if listener else lambda: None)
        found = report.outcomes(told)
        if listener:
            listener.close()
            found["say what was refused"] = {"answer": listener.report()}
        return found

    def _hold_a_block(self, name: str) -> None:
        """Another process makes a block of memory on the device; we have its descriptor only."""
        ours, theirs = socket.socketpair()
        if os.fork() == 0:
            ours.close()
            with suppress(BaseException):
                steps.hold_a_block(name, lambda made: socket.send_fds(theirs, [b"x"], [made]))
                theirs.recv(1)  # until we are gone
            os._exit(0)
        theirs.close()
        ours.settimeout(_STEP_SECONDS)
        with suppress(OSError):
            _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
            self._block = descriptors[0] if descriptors else None
        self._holder = ours  # it ends with us

    def _measure(self, name: str) -> None:
        probes: Mapping[str, Callable[[Path], Any]]
        try:
            probes = importlib.import_module(PROBES).PROBES
        except ImportError as error:
            self._lacking.append(f"nothing is measured: {error}")
            return
        found: dict[str, Any] = {}
        self._lacking += [f"{probe} is no figure; there are {', '.join(probes)}"
                          for probe in self._only if probe not in probes]
        for probe, measure in probes.items():
            if self._only and probe not in self._only:
                continue
            left = min(_PROBE_SECONDS, self._deadline - time.monotonic())
            if left <= 0:
                found[probe] = {"error": {"text": "no time was left"}}
            else:
                told = run(partial(_measured, partial(measure, self._course), name), left)
                found[probe] = next(iter(told.said), {"error": {"text": told.ended}})
            self._report.add("figures", found)
            _say("figures", {probe: found[probe]})


def _measured(measure: Callable[[], Any], name: str, tell: Tell) -> None:
    device.make_visible(name)
    try:
        answer, milliseconds = steps.timed(measure)
    except Exception as error:
        tell({"error": described(error)})
    else:
        tell({"answer": answer, "ms": milliseconds})


def _say(title: str, found: dict[str, Any]) -> None:
    for step, outcome in found.items():
        text = str(outcome.get("error", {}).get("text") or outcome.get("answer") or "ok")
        print(f"{title}: {step}: {textwrap.shorten(text, _MOST_SAID)}")
