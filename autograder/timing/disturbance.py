"""What kept a timed call from running: another program on its core, the host, a quota.

All of it is read on the trusted side, from the kernel. Time in which the call was ready to run and
had no core is counted in nanoseconds, and taken off. A call cannot lower its time by that below the
CPU time it used: a function that sleeps waits for no core, and threads that compete with each
other use up the time they wait. What the host or a quota took is known less well: it disturbs.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.patience import Usage

_MOST_WAITED, _MOST_TAKEN = 0.8, 0.05  # of a call's time
_TICK = 1 / os.sysconf("SC_CLK_TCK")
_STEAL = 8  # column of /proc/stat, the cpu's name counted
_THROTTLED = (
    Path("/sys/fs/cgroup/cpu.stat"), Path("/sys/fs/cgroup/cpu/cpu.stat"),
)


@dataclass(frozen=True)
class Disturbance:
    """Seconds of one call in which it had to wait, and seconds that were taken from all."""

    waited: float
    taken: float

    def starves(self, seconds: float) -> bool:
        """Whether a call of ``seconds``, waiting included, had no core for most of them. A
        student's own threads can do that to each other."""
        return self.waited > _MOST_WAITED * seconds

    def interrupts(self, seconds: float) -> bool:
        """Whether the host or a quota took a part of a call that counts."""
        return self.taken > _MOST_TAKEN * seconds


@dataclass(frozen=True)
class Reading:
    """Counters of the machine, in seconds since some beginning."""

    judge_waited: float
    stolen: float
    throttled: float


def between(
    before: Reading, after: Reading, *, took: float, worked: float, thawed: Usage, frozen: Usage
) -> Disturbance:
    """What happened in a call that took ``took`` seconds, of which the worker had ``worked``.

    What the worker used before and after these is taken for used in them: CPU time that is counted
    too high makes what is taken off smaller, and never leaves less than it.
    """
    cpu = frozen.cpu - thawed.cpu
    theirs = min(frozen.waited - thawed.waited, worked - cpu)
    ours = after.judge_waited - before.judge_waited
    waited = min(max(0.0, theirs) + ours, max(0.0, took - cpu))
    taken = after.stolen - before.stolen + after.throttled - before.throttled
    return Disturbance(waited, taken)


class Machine:
    """The counters of the cores that a worker may use."""

    def __init__(self, cores: Collection[int]) -> None:
        self._cores = {f"cpu{core}" for core in cores}

    def read(self) -> Reading:
        return Reading(_own_wait(), self._stolen(), _throttled())

    def _stolen(self) -> float:
        """What the host took of the worker's cores."""
        ticks = 0
        for line in _lines(Path("/proc/stat")):
            fields = line.split()
            if fields and fields[0] in self._cores and len(fields) > _STEAL:
                ticks += int(fields[_STEAL])
        return ticks * _TICK


def _own_wait() -> float:
    """How long this thread was ready to run and had no core."""
    lines = _lines(Path(f"/proc/self/task/{threading.get_native_id()}/schedstat"))
    return int(lines[0].split()[1]) / 1e9 if lines else 0.0


def _throttled() -> float:
    """How long a quota kept this machine's group from running."""
    for file in _THROTTLED:
        for line in _lines(file):
            key, _, value = line.partition(" ")
            if key in ("throttled_usec", "throttled_time"):
                return int(value) / (1e6 if key == "throttled_usec" else 1e9)
    return 0.0


def _lines(file: Path) -> list[str]:
    """A counter's file; nothing where this kernel has none."""
    try:
        return file.read_text().splitlines()
    except OSError:
        return []
