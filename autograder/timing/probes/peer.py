"""A process that uses the GPU as a worker does, without confinement: it defines the function ``f``
by a source, and calls it once for each byte that it reads.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import torch

from autograder.protocol import PrepareTiming
from autograder.timing.devices.cuda import Gpu
from autograder.worker import linux
from autograder.worker.cuda import be_exact
from autograder.worker.timed import Track, attached

_BEGIN = "from autograder.timing.probes import peer; peer.main()"


class PeerEnded(Exception):
    """It ended, or its function raised: what it said."""


class Peer:
    """Such a process, and the judge's block that it works in."""

    def __init__(
        self, gpu: Gpu, source: str, shapes: Sequence[Sequence[int]], numbers: Sequence[Any] = ()
    ) -> None:
        """Begin; several may do so at once.

        Args:
            shapes: of the inputs of ``f`` and of its answer.
        """
        self._gpu = gpu
        self.block = gpu.block([shapes])
        handed = self.block.handed
        form = {"source": source, "shapes": shapes, "numbers": numbers, "memory": handed.memory,
                "block": handed.block, "size": handed.block_size}
        passed = [each for each in (handed.memory, handed.block) if each is not None]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _BEGIN, json.dumps(form)],
            pass_fds=passed, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.block.lay_out(shapes)
        self._is_ready = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def ready(self) -> None:
        """Wait until it has begun; frozen from here on. Raises PeerEnded."""
        if not self._is_ready:
            self._heard()
            self.freeze()
            self._is_ready = True

    def call(self, inputs: Sequence[torch.Tensor]) -> float:
        """Seconds of a call by the judge's clock. It is frozen before and after.

        Raises:
            PeerEnded: its function raised, or it is gone.
        """
        self.ready()
        self.block.stage(inputs)
        os.kill(self.pid, signal.SIGCONT)
        began = time.perf_counter()
        self.block.hand_over()
        self._say()
        self._heard()
        self.block.take_back()
        took = time.perf_counter() - began
        self.freeze()
        return took

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self.kill()
        self.block.close()

    def _say(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(b"g")
        self._process.stdin.flush()

    def _heard(self) -> None:
        assert self._process.stdout is not None
        said = self._process.stdout.read(1)
        if said != b"d":
            raise PeerEnded((said + self._process.stdout.read()).decode(errors="replace"))


def main() -> None:
    """In its process, of which the only argument is the form."""
    form = json.loads(sys.argv[1])
    end_with_parent()
    said = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    be_exact()
    torch.cuda.init()
    memory = mmap.mmap(form["memory"], 0) if form["block"] is None else attached(
        form["block"], form["size"])
    names: dict[str, Any] = {}
    try:
        exec(form["source"], names)
        track = Track(memory, names["f"], PrepareTiming(
            "f", tuple(map(tuple, form["shapes"])), tuple(form["numbers"]), 1, "cuda",
            form["size"]))
        said.write(b"d")
        while os.read(0, 1):
            track.go()
            said.write(b"d")
    except BaseException as error:
        said.write(f"{type(error).__name__}: {error}".encode())


def end_with_parent() -> None:
    """A probe may be killed: what it has begun, stopped or not, ends with it."""
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)

