"""What an executor is, what it takes, and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Protocol

from autograder.result import Result
from autograder.submission import Submission


class Grader(Protocol):
    """What a run asks of a judge."""

    def grade(self, submission: Submission, earlier: Result | None = None) -> Result: ...

    def close(self) -> None: ...


MakeJudge = Callable[[], Grader]


@dataclass(frozen=True)
class ToJudge:
    """A submission that needs a judge."""

    submission: Submission
    earlier: Result | None = None  # of equal files: some of its questions may still hold


@dataclass(frozen=True)
class Judged:
    """What a judge found."""

    task: ToJudge
    result: Result


@dataclass(frozen=True)
class Lost:
    """A submission that ended the process of every judge it was given to."""

    task: ToJudge


JudgedOrLost = Judged | Lost


class Executor(Protocol):
    """Where judges work."""

    def run(self, tasks: Iterator[ToJudge]) -> Generator[JudgedOrLost, None, None]:
        """The outcome of each task, as it comes.

        A task is taken when there is room for it, not before: other runs may have the rest. No
        judge is made before the first one. Judges end with what this returns: close it.

        Raises:
            JudgeError: no judge can be made, or those that there were are out of reach.
        """
        ...
