"""How long a worker is waited for: so long by the clock on the wall, and longer where the machine
kept it from running.

What it was kept waiting is the kernel's word, which its supervisor reads. No worker can lengthen it
much: what counts is the least of two times since a call began.

* Its first thread, which answers, was ready and had no core. One that sleeps, is stopped or waits
  for others of its own is not ready.
* None of its threads had a core, as far as one core goes: the time on the wall without their CPU
  time. So threads that take the core from each other lengthen nothing, and whatever they do, a call
  has no more CPU time than it has without.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

_FIRST_LOOK = 0.1  # of the limit: most calls have ended by then, and cost no look
_MOST = 4.0  # times the limit: so long at most, whatever the machine does
_WORTH_IT = 0.01  # of the limit: less is not waited for


@dataclass(frozen=True)
class Usage:
    """What a worker has used since it began, in seconds, as its supervisor reads it."""

    cpu: float
    waited: float  # its threads were ready to run, and had no core
    first_waited: float = 0.0  # the first of them was, which answers requests


class Patience:
    """The deadline of one request: see ``autograder.protocol.frames.Deadline``."""

    def __init__(
        self, seconds: float, look: Callable[[], Usage | None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            seconds: the limit.
            look: what the worker has used by now; None where nobody can say.
            now: the clock.
        """
        self._seconds = seconds
        self._look = look
        self._now = now
        self._begun = now()
        self._before: tuple[float, Usage] | None = None
        self._has_looked = False
        self.excused = 0.0
        """Seconds that do not count, for it was kept waiting."""
        self.until = self._begun + _FIRST_LOOK * seconds

    @property
    def left(self) -> float:
        """Seconds until the limit, as far as it is known by now."""
        return self._begun + self._seconds + self.excused - self._now()

    def moved(self) -> bool:
        """``until`` has passed. Whether it lies later now."""
        if not self._has_looked:
            self._has_looked = True
            if (used := self._look()) is not None:
                self._before = self._now(), used
            self.until = self._begun + self._seconds
            return True
        self.excused = max(self.excused, self._kept_waiting())
        later = self._begun + self._seconds + self.excused
        has_moved = later - self._now() > _WORTH_IT * self._seconds
        self.until = max(self.until, later)
        return has_moved

    def _kept_waiting(self) -> float:
        if self._before is None:
            return 0.0
        (began, before), now, used = self._before, self._now(), self._look()
        if used is None:
            return 0.0
        without_a_core = now - began - (used.cpu - before.cpu)
        return min(used.first_waited - before.first_waited, without_a_core,
                   (_MOST - 1) * self._seconds)
