"""One submission at a time on each device of this machine.

A GPU belongs to one machine: what another machine or a container of its own does on it is seen by
the canaries, and not kept away by a lock.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def exclusive(uuid: str | None = None) -> Iterator[None]:
    """Waits until no other grader of this machine times anything on its cores, or, with ``uuid``,
    on that GPU; and keeps others waiting.

    Whoever times on the cores has the machine alone; those on different GPUs run side by side. The
    machine's lock is on the directory for temporary files, which everybody can open; a GPU's is on
    an empty file there, named after it. Locks end with the process that has them.
    """
    machine = os.open(tempfile.gettempdir(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(machine, fcntl.LOCK_EX if uuid is None else fcntl.LOCK_SH)
        if uuid is None:
            yield
            return
        device = _opened(Path(tempfile.gettempdir()) / f"autograder-{uuid}.lock")
        try:
            fcntl.flock(device, fcntl.LOCK_EX)
            yield
        finally:
            os.close(device)
    finally:
        os.close(machine)


def _opened(file: Path) -> int:
    """For reading, which a lock is content with: it may be another user's."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    with suppress(FileExistsError):
        os.close(os.open(file, flags | os.O_CREAT | os.O_EXCL, 0o444))
    return os.open(file, flags)
