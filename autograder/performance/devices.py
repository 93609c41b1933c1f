"""What this machine can time on."""

from __future__ import annotations

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
