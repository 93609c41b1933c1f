"""How a command that fails ends: one line for people, the traceback in a log, an exit status."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from autograder import __version__, extras
from autograder.cli import console
from autograder.errors import AutograderError, ExitStatus

LOG = "errors.log"


_NOT_THERE = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


def end(error: Exception, typed: Sequence[str] = ()) -> ExitStatus:
    """Say what went wrong, on stderr; the exit status for it.

    What has a text of ours needs no traceback, and neither has a slip in a path that was typed.
    What a machine refused, and what nobody foresaw, keeps its own in the log.

    Args:
        typed: the command line.
    """
    if isinstance(error, AutograderError):
        for line in str(error).splitlines():
            console.say(f"{error.label}{line}", alarm=bool(error.label))
        return error.exit_status
    if isinstance(error, ModuleNotFoundError) and (advice := extras.advice(error.name)):
        console.say(f"error: this needs the Python package {error.name}, which is not installed: "
                    f"{advice}", alarm=True)
        return ExitStatus.MISTAKE
    if isinstance(error, _NOT_THERE) and _is_among(error.filename, typed):
        console.say(f"error: {_refusal(error)}", alarm=True)
        return ExitStatus.MISTAKE
    place = _logged("".join(traceback.format_exception(error)))
    if isinstance(error, OSError):
        console.say(f"error: {_refusal(error)} (traceback: {place})", alarm=True)
        return ExitStatus.MISTAKE
    console.say(f"error: a fault of autograder itself, not of what it was given: "
                f"{_named(error)} (traceback, to be sent with a report: {place})", alarm=True)
    return ExitStatus.FAULT


def _is_among(path: object, typed: Sequence[str]) -> bool:
    """Whether a path is one of what was typed, which may be ``--option=PATH``."""
    words = {word for each in typed for word in (each, each.partition("=")[2]) if word}
    return isinstance(path, str | Path) and Path(path) in map(Path, words)


def _refusal(error: OSError) -> str:
    if error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return error.strerror or _named(error)


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def _logged(text: str) -> str:
    """Where the traceback now stands: in the user's own log, or else in a file of its own."""
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    entry = (f"{now}  autograder {__version__}  process {os.getpid()}  {shlex.join(sys.argv)}\n"
             f"{text}\n").encode(errors="backslashreplace")
    with suppress(OSError, RuntimeError):  # no home, or none that may be written to
        file = _state_folder() / LOG
        file.parent.mkdir(parents=True, exist_ok=True)
        _append(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), entry)
        return str(file)
    with suppress(OSError):
        descriptor, name = tempfile.mkstemp(prefix="autograder-", suffix=".log")
        _append(descriptor, entry)
        return name
    sys.stderr.write(text)  # nothing can be written anywhere
    return "above"


def _append(descriptor: int, entry: bytes) -> None:
    with os.fdopen(descriptor, "ab") as file:
        file.write(entry)


def _state_folder() -> Path:
    """Where programs of this user keep what is neither settings nor data, by the XDG's rules."""
    given = os.environ.get("XDG_STATE_HOME", "")
    return (Path(given) if given.startswith("/") else Path.home() / ".local/state") / "autograder"
