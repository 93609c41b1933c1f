"""Ctrl-C and SIGTERM: never lost, and put off while something is half done."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.errors import AutograderError, ExitStatus

_AGAIN_SECONDS = 1.0


class Interrupted(AutograderError):
    """Ctrl-C or SIGTERM. What was graded before, ``done`` of ``total`` submissions, is kept."""

    exit_status = ExitStatus.INTERRUPTED
    label = ""  # it was asked for

    def __init__(self, done: int, total: int) -> None:
        super().__init__(f"interrupted: {done} of {total} submissions are graded and kept; "
                         "run the same command again to grade the others")


@contextmanager
def heard() -> Iterator[None]:
    """Raises KeyboardInterrupt again every second, once Ctrl-C or SIGTERM has raised it and while
    nobody handles it: raised in the midst of other people's code, it can be lost, in a destructor
    for example."""
    numbers = [number for number in (signal.SIGINT, signal.SIGTERM)
               if signal.getsignal(number) is signal.default_int_handler]
    if not numbers or threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
        if sys.exc_info()[0] is None or number != signal.SIGALRM:
            raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGALRM)

    def restore() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number in numbers:
            signal.signal(number, signal.default_int_handler)
        signal.signal(signal.SIGALRM, before)

    try:
        try:
            for number in (signal.SIGALRM, *numbers):
                signal.signal(number, interrupt)
            yield
        finally:
            restore()
    finally:  # once more, for Ctrl-C may have come in the midst of it
        restore()


@contextmanager
def held() -> Iterator[None]:
    """Ctrl-C and SIGTERM wait for the end of this block: a result is kept and told, or neither."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, frame: came.append(number))
              for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for pending in came:
        signal.raise_signal(pending)
