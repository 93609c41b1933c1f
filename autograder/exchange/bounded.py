"""Work on a stranger's file: it may take long, all memory there is, or a turn nobody foresaw."""

from __future__ import annotations

import multiprocessing
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Generic, Self, TypeVar

from autograder.errors import AutograderError

A = TypeVar("A")
R = TypeVar("R")


class Bounded(Generic[A, R]):
    """``function`` with a bound on what one call may cost. Use it as a context manager.

    Calls share one process as long as it lives; after one that ended it, the next has a new one.
    """

    def __init__(self, function: Callable[[A], R], *, seconds: int, memory_mb: int) -> None:
        """``seconds`` are of the processor: a busy machine takes nothing away. ``function``, what
        it takes and what it gives must pickle."""
        self._function = function
        self._seconds = seconds
        self._memory = memory_mb << 20
        self._running: tuple[BaseProcess, Connection] | None = None

    def __call__(self, argument: A) -> R | None:
        """What the function gives; None where it raised, or took more than it may."""
        if self._running is None:
            self._running = self._started()
        _, pipe = self._running
        try:
            pipe.send(argument)
            answer: R | None = pipe.recv()
            return answer
        except (EOFError, OSError):
            self._end()
            return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        self._end()

    def _started(self) -> tuple[BaseProcess, Connection]:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, self._function, self._seconds, self._memory), daemon=True)
        process.start()
        theirs.close()
        return process, ours

    def _end(self) -> None:
        if self._running is not None:
            process, pipe = self._running
            self._running = None
            pipe.close()
            process.kill()
            process.join()


@contextmanager
def alone(student: str, what: str, notes: list[str]) -> Iterator[None]:
    """What fails within costs this student ``what``, and nobody else anything: it is noted. What a
    machine refuses, and what has a text of ours, is everybody's."""
    try:
        yield
    except (AutograderError, OSError):
        raise
    except Exception as error:  # a stranger's file: nobody knows what it leads to
        notes.append(f"{student}: {what}, for autograder fails on their files "
                     f"({type(error).__name__}); a fault of autograder, please report it")


def _serve(pipe: Connection, function: Callable[[A], R], seconds: int, memory: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us ends us
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_AS, memory)
    while True:
        try:
            argument = pipe.recv()
        except EOFError:
            return
        used = resource.getrusage(resource.RUSAGE_SELF)
        # By the kernel: no exception reaches a regular expression.
        _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds)
        try:
            answer = function(argument)
        except Exception:  # a stranger's file: libraries raise whatever it leads to
            pipe.send(None)
        else:
            pipe.send(answer)


def _lower(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
