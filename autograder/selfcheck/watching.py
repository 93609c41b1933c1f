"""Checks a notebook whenever it is saved: what has changed since, and what to do next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Assignment
from autograder.result import Result, Status

_LOOKS = 20  # a second, at one file: no more than its size and time are asked for


@dataclass(frozen=True)
class Progress:
    """From one check of a notebook to the next."""

    now: frozenset[str]  # questions that pass
    before: frozenset[str]  # the time before
    next: str | None  # the question to go on with; None where all pass

    @property
    def gained(self) -> list[str]:
        return sorted(self.now - self.before)

    @property
    def lost(self) -> list[str]:
        return sorted(self.before - self.now)


def progress(result: Result, assignment: Assignment, before: Progress | None) -> Progress:
    """Where the notebook stands. What to go on with is the first question that does not pass, and
    builds on nothing else that does not."""
    now = frozenset(each.name for each in result.questions if each.status is Status.PASSED)
    left = [question for question in assignment.questions if question.name not in now]
    ready = [question.name for question in left if all(
        owner.name in now for owner in map(assignment.owner, question.uses) if owner)]
    following = ready[0] if ready else left[0].name if left else None
    return Progress(now, before.now if before else now, following)


def _pause() -> None:
    time.sleep(1 / _LOOKS)


def saved(file: Path, pause: Callable[[], None] = _pause) -> Iterator[None]:
    """Comes by once at the start, and then whenever the file has been saved.

    Editors write anew or put another file in its place, and browsers in parts: what counts is that
    it is another one than before, and the same for two looks. Where it is gone, it is waited for.
    """
    known: object = None
    last = _state(file)
    while True:
        state = _state(file)
        if state is not None and state == last and state != known:
            known = state
            yield
        else:
            last = state
            pause()


def _state(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
