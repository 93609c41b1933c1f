"""Judges in processes of this machine: one each, none of which outlives the run.

A notebook that kills the process it is graded in costs itself only.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import cache
from itertools import islice
from multiprocessing.connection import Connection
from multiprocessing.util import Finalize
from typing import ParamSpec, TypeVar

from autograder.grading.executors.interface import (
    Grader,
    Judged,
    JudgedOrLost,
    Lost,
    MakeJudge,
    ToJudge,
)
from autograder.grading.executors.leash import end_with
from autograder.result import Result
from autograder.worker import cgroup

P = ParamSpec("P")
R = TypeVar("R")


class Pool:
    """Judges as many submissions at the same time as it has processes."""

    def __init__(self, make_judge: MakeJudge, workers: int) -> None:
        """``make_judge`` is called in every process: it must pickle."""
        self._make_judge = make_judge
        self._workers = workers

    def run(self, tasks: Iterator[ToJudge]) -> Generator[JudgedOrLost, None, None]:
        """The outcome of each task, as in ``Executor.run``, by no more processes than there are
        tasks at first.

        When a process dies, those that were in it are graded one by one; one that ends its process
        twice is lost.
        """
        ready = deque(islice(tasks, 2 * self._workers))
        while ready:
            workers = min(self._workers, len(ready))
            suspects = yield from self._until_death(ready, tasks, workers, window=2 * workers)
            yield from self._one_by_one(deque(suspects))
            ready.extend(islice(tasks, 2 * self._workers - len(ready)))

    def _one_by_one(self, suspects: deque[ToJudge]) -> Generator[JudgedOrLost, None, None]:
        deaths: Counter[tuple[str, str]] = Counter()
        while suspects:
            for task in (yield from self._until_death(suspects, iter(()), 1, window=1)):
                who = task.submission.student, task.submission.digest
                deaths[who] += 1
                if deaths[who] < 2:
                    suspects.append(task)
                else:
                    yield Lost(task)

    def _until_death(
        self, ready: deque[ToJudge], tasks: Iterator[ToJudge], workers: int, window: int
    ) -> Generator[JudgedOrLost, None, list[ToJudge]]:
        """Judge what is ``ready`` and then ``tasks``, in new processes, at most ``window`` of them
        handed over at once.

        Stops when a process dies, and returns the tasks that were lost by it. One that was not
        handed over is left in ``ready``.
        """
        with _processes(self._make_judge, workers) as pool:
            flying: dict[Future[Result], ToJudge] = {}
            lost: list[ToJudge] = []
            broken = False
            while True:
                if not broken:
                    ready.extend(islice(tasks, max(0, window - len(flying) - len(ready))))
                while ready and not broken and len(flying) < window:
                    try:
                        future = _submit(pool, _graded, ready[0])
                    except BrokenProcessPool:
                        broken = True
                    else:
                        flying[future] = ready.popleft()
                if not flying:
                    return lost
                for future in wait(flying, return_when=FIRST_COMPLETED).done:
                    task = flying.pop(future)
                    try:
                        result = future.result()
                    except BrokenProcessPool:
                        broken = True
                        lost.append(task)
                    else:
                        yield Judged(task, result)


@contextmanager
def _processes(make_judge: MakeJudge, workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that each hold a judge, and that do not outlive this block or this process.

    They hold one end of a pipe, the leash. When the other end closes, by hand or because this
    process is killed, they end.
    """
    with suppress(cgroup.NotDelegated):
        cgroup.prepare()  # here, where whoever is in our control group is a child of ours
    context = multiprocessing.get_context("spawn")
    far, near = context.Pipe(duplex=False)
    with far, near, ProcessPoolExecutor(
        workers, mp_context=context, initializer=_start, initargs=(far, make_judge)
    ) as pool:
        try:
            _seat_judges(pool, workers)
            yield pool
        except BaseException:
            near.close()  # leaving the block waits for the processes: let them end now
            raise


def _seat_judges(pool: ProcessPoolExecutor, workers: int) -> None:
    """Wait for the pool's judges, so that a judge that cannot start is told from a submission
    that kills one."""
    try:
        for seated in [_submit(pool, _seat) for _ in range(workers)]:
            seated.result()
    except BrokenProcessPool:
        from autograder.judge import JudgeError

        raise JudgeError("a judge's process died while it started; it may lack memory: "
                         "try fewer processes by --workers") from None


def _submit(
    pool: ProcessPoolExecutor, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> Future[R]:
    """Submit, which may start a process. Born with SIGINT blocked, it leaves Ctrl-C to us."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(function, *args, **kwargs)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# In a process of the pool ---------------------------------------------------------------------

_make_judge: MakeJudge


def _start(leash: Connection, make_judge: MakeJudge) -> None:
    global _make_judge
    _make_judge = make_judge
    end_with(leash)


@cache
def _judge() -> Grader:
    judge = _make_judge()
    Finalize(None, judge.close, exitpriority=0)
    return judge


def _seat() -> None:
    _judge()


def _graded(task: ToJudge) -> Result:
    return _judge().grade(task.submission, task.earlier)
