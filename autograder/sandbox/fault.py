"""Whose fault it is that a worker was lost.

Only signs decide that no worker can make: a student who could make one would never be graded.
Pages that had to be read from disk are none by themselves, for a worker may read what nobody has
read before; nor is it that the kernel has killed something somewhere.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from autograder.protocol import End

# Where memory suffices a few dozen pages at most; where the kernel drops what is needed next,
# hundreds a second.
_STARVED_FAULTS = 100
_OUT_OF_MEMORY = ("the machine ran out of memory; grade fewer submissions at the same time, by "
                  "--workers, or lower memory_mb")


def our_fault(
    end: End, *, late: bool, left: Callable[[], int], promised: int
) -> str | None:
    """Why it is the grader's own fault; None where it is the student's.

    * The supervisor is gone, which no worker can reach.
    * The worker was killed by SIGKILL, not by its supervisor, and the filter of system calls lets
      no worker send that: the kernel did, or somebody, for want of memory.
    * It was too late, read its programs from disk again and again, and the machine has less memory
      than one worker may take. That is so whatever this one took: it has given it back.

    Args:
        late: no answer came in time.
        left: how many bytes of memory there are, now that the worker has ended; asked where that
            decides.
        promised: bytes that it was allowed to take.
    """
    if end.exit is None:
        return "the worker's supervisor is gone"
    killed = end.exit == -signal.SIGKILL and end.reason is None
    starved = late and end.major_faults > _STARVED_FAULTS and left() < promised
    return _OUT_OF_MEMORY if killed or starved else None


def memory_left() -> int:
    """Bytes that this machine has left, or the control groups that this process is in: what is
    free, and what is only files' pages. Dropping pages does not change that."""
    machine = _counts(Path("/proc/meminfo")).get("MemAvailable:")
    groups = (_left_in(group) for group in _groups())
    return min([sys.maxsize if machine is None else machine << 10, *groups])


def _left_in(group: Path) -> int:
    """In one control group, of either version."""
    for limit, used, prefix in (("memory.max", "memory.current", ""),
                                ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_")):
        with suppress(OSError, ValueError):  # of the other version; no limit: max
            held = int((group / used).read_text())
            counts = _counts(group / "memory.stat")
            files = sum(counts.get(f"{prefix}{kind}_file", 0) for kind in ("active", "inactive"))
            return int((group / limit).read_text()) - held + files
    return sys.maxsize


def _groups() -> Iterator[Path]:
    """The groups that bound this process's memory, as directories, as far as they are mounted."""
    for line in _lines(Path("/proc/self/cgroup")):
        _, controllers, name = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        for mount in _lines(Path("/proc/self/mountinfo")):
            fields, kind = mount.split(" - ")
            root, point = fields.split()[3:5]
            system, _, options = kind.split(" ", 2)
            mounted = system == "cgroup" and "memory" in options.split(",") if controllers \
                else system == "cgroup2"
            if mounted and Path(name).is_relative_to(root):
                group = Path(point, Path(name).relative_to(root))
                yield from (each for each in [group, *group.parents] if each.is_relative_to(point))


def _counts(file: Path) -> dict[str, int]:
    return {fields[0]: int(fields[1]) for line in _lines(file) if (fields := line.split())[1:]}


def _lines(file: Path) -> list[str]:
    with suppress(OSError):
        return file.read_text().splitlines()
    return []
