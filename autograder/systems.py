"""Which operating systems can grade, and what can be done on the others. Light to import: it needs
nothing that any of them lacks."""

from __future__ import annotations

import sys

_NAMES = {"darwin": "macOS", "win32": "Windows"}
_RUNS = {"darwin": "`autograder check` runs a notebook here, without a sandbox",
         "win32": "nothing of it runs here"}
_INSTEAD = {"darwin": "a Linux container or a virtual machine",
            "win32": "WSL 2, with the course inside WSL's own file system"}


def lacking(system: str = sys.platform) -> str | None:
    """Why workers, and so grading, are not to be had on ``system``, what is, and what to do; None
    on Linux.

    Args:
        system: as ``sys.platform`` names it.
    """
    if system.startswith("linux"):
        return None
    runs = _RUNS.get(system, "nothing of it was tried here")
    return (f"grading needs Linux, and this is {_NAMES.get(system, system)}: {runs}. Use "
            f"{_INSTEAD.get(system, 'Linux')}; docs/install.md says how")


def is_ruled_out(system: str = sys.platform) -> bool:
    """Whether no verb can work on ``system``: even reading a file safely takes what POSIX has."""
    return system == "win32"
