"""Workers without any protection, where there is no Linux: a process each, and nothing around it.

For students alone, who run their own notebook on their own machine.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import asdict
from pathlib import Path

from typing_extensions import override

from autograder.course import Limits, Tier
from autograder.protocol import End
from autograder.rules import Rule
from autograder.sandbox.client import TierUnavailable, Worker, Zygote


class Bare(Zygote):
    """In the place of a zygote: starts its workers afresh, and in tier none only."""

    def __init__(self) -> None:
        """Nothing to be warmed."""

    @override
    def spawn(
        self, tier: Tier, limits: Limits, *, shared: int | None = None, block: int | None = None,
        cores: Collection[int] | None = None, device: str | None = None, cudnn: bool = True,
        watched: tuple[Rule, ...] = (), given: Path | None = None,
        stand_ins: Collection[str] | None = None,
    ) -> Worker:
        if tier != "none":
            raise TierUnavailable(f"tier {tier} needs Linux; this is {sys.platform}")
        ours, theirs = socket.socketpair()
        process = subprocess.Popen(
            [sys.executable, "-P", "-B", "-m", "autograder.worker.bare",
             str(theirs.fileno()), str(limits.answer_mb << 20),
             json.dumps([asdict(rule) for rule in watched if rule.calls]), str(given or ""),
             *(["-"] if stand_ins is None else stand_ins)],
            pass_fds=[theirs.fileno()], cwd=given, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        theirs.close()
        return _Process(process, ours, limits)

    @override
    def pinned(self) -> AbstractContextManager[None]:
        return nullcontext()

    @override
    def close(self) -> None:
        """Every worker has ended by itself or was stopped."""


class _Process(Worker):
    """A worker that nobody watches but us."""

    def __init__(
        self, process: subprocess.Popen[bytes], channel: socket.socket, limits: Limits
    ) -> None:
        self._process = process
        control, unused = socket.socketpair()
        unused.close()
        super().__init__(channel, control, "none", limits)

    @override
    def _ended(self, patience: float) -> End:
        with suppress(subprocess.TimeoutExpired):
            return End(self._process.wait(patience))
        self._process.kill()
        return End(self._process.wait(), "killed")
