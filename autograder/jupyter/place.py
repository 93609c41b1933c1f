"""Where the running notebook lies, as far as what it is open in says so. Light to import."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

_VS_CODE, _JUPYTER = "__vsc_ipynb_file__", "JPY_SESSION_NAME"
"""Where these say which file it is: among its names, and in the environment."""


def file(names: Mapping[str, Any]) -> Path | None:
    """The notebook's file, by its session's names; None where nobody says it."""
    for said in (names.get(_VS_CODE), os.environ.get(_JUPYTER)):
        if isinstance(said, str) and Path(said).is_file():
            return Path(said).resolve()
    return None


def spoken(names: Mapping[str, Any]) -> Literal["zh"] | None:
    """The language of the notebook, as its file is called; None where that says nothing."""
    found = file(names)
    return "zh" if found and found.name.endswith(".zh.ipynb") else None


def folder(names: Mapping[str, Any]) -> Path:
    """The folder of the notebook; the working directory where nobody says it."""
    found = file(names)
    return found.parent if found else Path.cwd()
