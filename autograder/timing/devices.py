"""What this machine can time on, one at a time."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.course import Device

_DRIVER = Path("/proc/driver/nvidia/version")


def lacks(device: Device) -> str | None:
    """Why nothing can be timed on ``device`` here; None when it can. For staff.

    torch is not asked: to load it takes seconds, and it would open the device in the judge.
    """
    if device == "cpu":
        return None
    if not _DRIVER.exists():
        return "this machine has no CUDA device, or no driver for it"
    return "there is a CUDA device, but no confinement for workers that use it yet"


@contextmanager
def exclusive() -> Iterator[None]:
    """Waits until no other grader of this machine times anything, and keeps others waiting.

    The lock is on the directory for temporary files: everybody can open it, nothing is left
    behind, and it ends with the process that has it.
    """
    directory = os.open(tempfile.gettempdir(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)
