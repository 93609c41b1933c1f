"""Judges in processes of this machine: one each, none of which outlives the run.

A notebook that kills the process it is graded in costs itself only.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.util import Finalize
from typing import ParamSpec, Protocol, TypeVar

from autograder.result import Result
from autograder.submission import Submission
from autograder.worker import cgroup

P = ParamSpec("P")
R = TypeVar("R")


class Grader(Protocol):
    """What a run asks of a judge."""

    def grade(self, submission: Submission, earlier: Result | None = None) -> Result: ...

    def close(self) -> None: ...


MakeJudge = Callable[[], Grader]
Earlier = Callable[[str], Result | None]
"""Digest of what was handed in -> a result of it that is out of date in part."""


def grade(
    make_judge: MakeJudge, submissions: deque[Submission], workers: int, earlier: Earlier,
    lost: Callable[[Submission], Result],
) -> Generator[Result, None, None]:
    """Results as they come. ``submissions`` is emptied.

    When a process dies, those that were in it are graded one by one; ``lost`` makes the result of
    one that ends its process twice.

    Args:
        make_judge: called in every process: must pickle.

    Raises:
        JudgeError: no judge can be made.
    """
    deaths: Counter[tuple[str, str]] = Counter()
    while submissions:
        suspects = deque((yield from _until_death(make_judge, submissions, workers, earlier,
                                                  window=2 * workers)))
        while suspects:
            for suspect in (yield from _until_death(
                    make_judge, suspects, 1, earlier, window=1)):
                who = suspect.student, suspect.digest
                deaths[who] += 1
                if deaths[who] < 2:
                    suspects.append(suspect)
                    continue
                yield lost(suspect)


def _until_death(
    make_judge: MakeJudge, submissions: deque[Submission], workers: int, earlier: Earlier,
    window: int,
) -> Generator[Result, None, list[Submission]]:
    """Grade ``submissions``, emptying it, in a new pool, at most ``window`` of them handed over at
    once.

    Stops when a process of the pool dies, and returns the submissions that were lost by it.
    """
    with _pool(make_judge, workers) as pool:
        flying: dict[Future[Result], Submission] = {}
        lost: list[Submission] = []
        broken = False
        while flying or (submissions and not broken):
            while submissions and not broken and len(flying) < window:
                try:
                    first = submissions[0]
                    flying[_submit(pool, _graded, first, earlier(first.digest))] = first
                    submissions.popleft()
                except BrokenProcessPool:
                    broken = True
            done, _ = wait(flying, return_when=FIRST_COMPLETED)
            for future in done:
                submission = flying.pop(future)
                try:
                    result = future.result()
                except BrokenProcessPool:
                    broken = True
                    lost.append(submission)
                else:
                    yield result
        return lost


@contextmanager
def _pool(make_judge: MakeJudge, workers: int) -> Iterator[ProcessPoolExecutor]:
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

    def end_with_the_run() -> None:
        with suppress(EOFError, OSError):
            leash.recv_bytes()
        os._exit(1)

    threading.Thread(target=end_with_the_run, daemon=True).start()


@cache
def _judge() -> Grader:
    judge = _make_judge()
    Finalize(None, judge.close, exitpriority=0)
    return judge


def _seat() -> None:
    _judge()


def _graded(submission: Submission, earlier: Result | None) -> Result:
    return _judge().grade(submission, earlier)
