"""The token by which a student's own programs hand in, and where it is kept: in the user's own
configuration folder, by door, in a file that nobody else may read."""

from __future__ import annotations

import getpass
import json
import os
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from autograder.errors import AutograderError
from autograder.extras import DISTRIBUTION
from autograder.handing_in.door import address
from autograder.whole_files import write_whole

TOKEN, DOOR = "AUTOGRADER_TOKEN", "AUTOGRADER_DOOR"
"""The variables of the environment that say a token, and the door it is for."""


class TokenError(AutograderError):
    """There is no token, or no door. The text says what to do."""


def file() -> Path:
    """Where tokens are kept."""
    return platformdirs.user_config_path(DISTRIBUTION, appauthor=False) / "doors.json"


def door(given: str | None) -> str:
    """The address of the door: the one given, that of the environment, or the only one that a token
    is kept for.

    Raises:
        TokenError, DoorError: it has to be named, or better.
    """
    if named := given or os.environ.get(DOOR):
        return address(named)
    kept = _kept()
    if len(kept) != 1:
        raise TokenError(
            "which door? Name it as your course does: --to https://grader.example.org" if not kept
            else f"which door? There are tokens for {', '.join(kept)}; name one by --to")
    return next(iter(kept))


@dataclass(frozen=True)
class FoundToken:
    text: str
    is_kept: bool = False
    was_asked: bool = False


def token(door: str, given: Path | None = None) -> FoundToken:
    """The token for a door: out of the file given, of the environment, unless that names another
    door, the one that is kept; else whoever sits here is asked for it, and it is kept once the door
    has taken it (``keep``).

    Raises:
        TokenError: there is none, and nobody to ask.
        DoorError: what the environment names is no door.
        OSError: the file cannot be read.
    """
    if given is not None:
        return FoundToken(given.read_text(encoding="utf-8", errors="replace").strip())
    if (named := os.environ.get(TOKEN, "").strip()) and _is_meant(door):
        return FoundToken(named)
    if known := _kept().get(door):
        return FoundToken(known, is_kept=True)
    try:
        with warnings.catch_warnings():  # where nobody can be asked, we say so ourselves
            warnings.simplefilter("ignore", getpass.GetPassWarning)
            asked = getpass.getpass(f"Your token for {door}: ").strip()
    except (EOFError, OSError, RuntimeError, NotImplementedError):
        asked = ""
    except Exception as error:  # IPython's own, where a front end cannot ask
        if type(error).__name__ != "StdinNotImplementedError":
            raise
        asked = ""
    if not asked:
        raise TokenError(f"no token for {door}: your course gives you one; give it by --token-file "
                         f"FILE, or by {TOKEN}")
    return FoundToken(asked, was_asked=True)


def _is_meant(door: str) -> bool:
    """Whether the environment's token may be for this door: where it names one, for no other."""
    named = os.environ.get(DOOR)
    return not named or address(named) == door


def keep(door: str, token: str) -> None:
    """Keep a token that the door has taken. Where that cannot be, it is asked for again."""
    with suppress(OSError):
        _write(_kept() | {door: token})


def forget(door: str) -> None:
    """A token that is good for nothing any more is not kept."""
    kept = _kept()
    if kept.pop(door, None) is not None:
        with suppress(OSError):
            _write(kept)


def _kept() -> dict[str, str]:
    try:
        found = json.loads(file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {door: token for door, token in found.items() if isinstance(token, str)} \
        if isinstance(found, dict) else {}


def _write(tokens: Mapping[str, str]) -> None:
    place = file()
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(place, json.dumps(tokens, indent=2))
