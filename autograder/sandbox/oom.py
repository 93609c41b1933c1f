"""Whether the machine, or the container, ran out of memory: the kernel then ends a process, be it
the one to blame or not."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


class OutOfMemory:
    """Counts processes of this machine that the kernel has ended for want of memory."""

    def __init__(self) -> None:
        self._before = _ended()

    def struck(self) -> bool:
        """Whether there are more than when this was made: a stranger's of an hour ago says nothing
        of the worker that is lost now."""
        return _ended() > self._before


def _ended() -> int:
    with suppress(OSError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":  # in control groups, too
                return int(count)
    return 0
