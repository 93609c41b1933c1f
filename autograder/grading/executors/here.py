"""A judge in this process."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import chain

from autograder.grading.executors.interface import Judged, JudgedOrLost, MakeJudge, ToJudge


class Seated:
    """A judge in this process that stays from one run to the next, until it is closed."""

    def __init__(self, make_judge: MakeJudge) -> None:
        self._judge = make_judge()

    def run(self, tasks: Iterator[ToJudge]) -> Generator[JudgedOrLost, None, None]:
        """The outcome of each task; as in ``Executor.run``."""
        for task in tasks:
            yield Judged(task, self._judge.grade(task.submission, task.earlier))

    def close(self) -> None:
        self._judge.close()


class Here:
    """Judges one submission after the other. One that kills its process kills the run."""

    def __init__(self, make_judge: MakeJudge) -> None:
        self._make_judge = make_judge

    def run(self, tasks: Iterator[ToJudge]) -> Generator[JudgedOrLost, None, None]:
        """The outcome of each task; as in ``Executor.run``."""
        for first in tasks:
            with closing(self._make_judge()) as judge:
                for task in chain([first], tasks):
                    yield Judged(task, judge.grade(task.submission, task.earlier))
