"""Runs something in a forked child that may hang, die, or say nothing."""

from __future__ import annotations

import json
import os
import select
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

_DYING_SECONDS = 5.0  # until it is left alone: a process can hang in a driver, and nothing ends it
_MOST_BYTES = 4 << 20

Tell = Callable[[dict[str, Any]], None]
"""Says something of the child's, which is kept whatever becomes of it."""


@dataclass
class ChildReport:
    """What a child said, one after the other, and how it ended."""

    said: list[dict[str, Any]] = field(default_factory=list)
    ended: str = ""


def run(
    work: Callable[[Tell], None], seconds: float, forked: Callable[[], None] = lambda: None
) -> ChildReport:
    """Do ``work`` in a child, which is ended when it says nothing for so many seconds.

    Args:
        forked: what is done here when it has begun.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _work(work, theirs)
    os.close(theirs)
    forked()
    told = ChildReport()
    text, late = _read(ours, seconds)
    os.close(ours)
    if late:
        os.kill(child, signal.SIGKILL)
    told.ended = (f"silent for {seconds:g} s, " if late else "") + _end(child)
    for line in text.decode("utf-8", "replace").splitlines():
        with suppress(ValueError):  # the last one, half of which was written
            told.said.append(json.loads(line))
    return told


def _work(work: Callable[[Tell], None], descriptor: int) -> NoReturn:
    def tell(said: dict[str, Any]) -> None:
        os.write(descriptor, json.dumps(said, default=str).encode() + b"\n")

    status = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        work(tell)
        status = 0
    except BaseException as error:
        with suppress(OSError):
            tell({"step": None, "error": described(error),
                  "where": traceback.format_exc(limit=-3)})
    finally:
        os._exit(status)


def described(error: BaseException) -> dict[str, Any]:
    """An exception, for the report."""
    found: dict[str, Any] = {"kind": type(error).__name__, "text": str(error)[:500]}
    if isinstance(error, OSError) and error.errno is not None:
        found["errno"] = error.errno
    return found


def _read(descriptor: int, seconds: float) -> tuple[bytes, bool]:
    """All that is written there until the last writer is gone, and whether that took too long."""
    text = b""
    while select.select([descriptor], [], [], seconds)[0]:
        piece = os.read(descriptor, 1 << 16)
        if not piece:
            return text, False
        text = (text + piece)[:_MOST_BYTES]
    return text, True


def _end(child: int) -> str:
    process = os.pidfd_open(child)
    try:
        if not select.select([process], [], [], _DYING_SECONDS)[0]:
            os.kill(child, signal.SIGKILL)  # of a child that neither speaks nor ends
            return "not ended: it hangs in the kernel"
    finally:
        os.close(process)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return f"exit {code}" if code >= 0 else f"signal {-code}"
