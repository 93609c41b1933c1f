"""Where installed packages lie: in this environment, and beside it, where ``pip install --user``, a
cluster's modules (PYTHONPATH) or a ``.pth`` file put them."""

from __future__ import annotations

import os
import site
import sys
from pathlib import Path

VARIABLES = ("PYTHONPATH", "PYTHONUSERBASE", "PYTHONNOUSERSITE")


def folders() -> list[str]:
    """Of this process's path, those that hold packages: each left its metadata there. A folder with
    somebody's own modules has none, and a course is never one."""
    return [entry for entry in sys.path if Path(entry).is_absolute()
            and not Path(entry, "grader.toml").exists() and any(Path(entry).glob("*.dist-info"))]


def variables() -> dict[str, str]:
    """By which another Python of ours, that takes over nothing else, finds the same."""
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    found = {"PYTHONPATH": os.pathsep.join(entry for entry in folders() if entry in given)}
    if site.ENABLE_USER_SITE:
        found["PYTHONUSERBASE"] = site.getuserbase()
    else:
        found["PYTHONNOUSERSITE"] = "1"
    return found
