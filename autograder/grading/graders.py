"""Several graders of this machine, each a process of its own, kept at work until they are stopped.

One that ends, killed by a notebook for example, is replaced: what it was grading another one
grades. None outlives the process that started it.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from autograder.course.roster import Roster
from autograder.errors import AutograderError
from autograder.grading import work
from autograder.grading.executors.leash import end_with
from autograder.grading.work import Workplace
from autograder.telemetry.log import RunLog, event
from autograder.worker import cgroup

_PATIENCE = 20.0  # seconds that a grader has to end
_SOON, _LATE = 0.5, 30.0  # seconds until one that ends at once is replaced: the first time, at most
_YIELDS = 5  # of a core that both want the door beside has three quarters: it answers people
_LONG = 60.0  # seconds after which an end is not at once


class Graders:
    """So many graders at a time. Use it as a context manager."""

    def __init__(self, place: Workplace, many: int | None, log: RunLog,
                 people: Callable[[], Roster]) -> None:
        """``many`` None is one for each core that this process may use. ``people`` gives who is in
        the course, by a table that can be used (``CourseNow``): no grader takes another."""
        self._place = place
        self._people = people
        self._log = log
        self._many = many or len(os.sched_getaffinity(0))
        self._context = multiprocessing.get_context("spawn")
        self._far, self._near = self._context.Pipe(duplex=False)
        self._stopping = threading.Event()
        self._keepers = [threading.Thread(target=self._keep) for _ in range(self._many)]
        self._processes: dict[int, BaseProcess] = {}

    @property
    def pids(self) -> list[int]:
        """The processes that are at work."""
        return [pid for pid, each in list(self._processes.items()) if each.is_alive()]

    def __enter__(self) -> Graders:
        with suppress(cgroup.NotDelegated):
            cgroup.prepare()  # here, where whoever is in our control group is a child of ours
        for keeper in self._keepers:
            keeper.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End them. What is being graded is graded by others, or later."""
        self._stopping.set()
        for keeper in self._keepers:
            keeper.join()
        self._near.close()
        self._far.close()

    def _keep(self) -> None:
        """Have one grader at work, and another one when it has ended."""
        pause = _SOON
        while not self._stopping.is_set():
            begun = time.monotonic()
            self._one()
            pause = _SOON if time.monotonic() - begun > _LONG else min(2 * pause, _LATE)
            self._stopping.wait(pause)

    def _one(self) -> None:
        process = self._context.Process(target=_grader, args=(
            self._far, self._place, self._log, self._people()))
        process.start()
        assert process.pid is not None
        self._processes[process.pid] = process
        while not wait([process.sentinel], 0.5):
            self._people()  # who goes bit by bit, goes: the next grader begins with whom it is now
            if self._stopping.is_set():
                process.terminate()
                process.join(_PATIENCE)
                process.kill()
        process.join()
        del self._processes[process.pid]
        if not self._stopping.is_set():
            event("grader ended", level=logging.WARNING, exit=process.exitcode)


# In a grader's process ------------------------------------------------------------------------

def _grader(leash: Connection, place: Workplace, log: RunLog, people: Roster) -> None:
    os.nice(_YIELDS)
    log.begin()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started us

    end_with(leash)
    try:
        work.run(place, people)
    except AutograderError as error:
        event("grader failed", level=logging.ERROR, why=str(error))
