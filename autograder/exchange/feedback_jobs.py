"""Zips of feedback that staff ask for at the desk: made one at a time, each by a process of its
own, which ends with the door's."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import BinaryIO

from autograder.course import Course
from autograder.exchange.feedback_job import PLATFORMS, FeedbackFolder, FeedbackJob
from autograder.exchange.format import ExchangeError
from autograder.grading.executors.leash import end_with
from autograder.grading.work import Workplace
from autograder.telemetry.log import event

_YIELDS = 5  # as graders do: the door answers people
_ENDS = 10.0  # seconds that a process may need to end, when its zip is there
_SWEPT = 3600.0  # seconds between two looks for what is too old


class FeedbackJobs:
    """Those that one door of a course makes. What it was making when it ended is cut off."""

    def __init__(self, place: Workplace, course: Callable[[], Course]) -> None:
        self._place = place
        self._course = course
        self._context = multiprocessing.get_context("spawn")
        self._far, self._near = self._context.Pipe(duplex=False)
        self._lock = threading.Lock()
        self.at_work: str | None = None
        """The id of the one that is being made here."""
        self._held = ExitStack()
        self._process: BaseProcess | None = None
        self._waiter: threading.Thread | None = None
        self._closing = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, daemon=True)
        self._sweeper.start()

    @property
    def folder(self) -> FeedbackFolder:
        return FeedbackFolder(self._course())

    def begin(self, assignment: str, platform: str, by: str, download: BinaryIO | None) -> None:
        """Have one made.

        Args:
            download: the platform's, where its names are needed.

        Raises:
            ExchangeError: another is being made, the download is missing, or the disk does not
                take it.
        """
        if PLATFORMS[platform] and download is None:
            raise ExchangeError(f"choose the zip that {platform} gives of what was handed in there")
        before = self.folder.find(self.at_work or "")
        if not self._lock.acquire(timeout=_ENDS if before and before.ended else 0):
            raise ExchangeError("another zip is being made just now; wait until it is there")
        job = FeedbackJob.new(assignment, platform, by)
        self.at_work = job.id
        try:
            self._held.enter_context(self.folder.held(job))
            self.folder.add(job, download)
            self.folder.sweep()
            process = self._context.Process(target=_make, args=(self._far, self._place, job))
            process.start()
            self._process = process
            self._waiter = threading.Thread(
                target=self._wait, args=(process, job, time.monotonic()))
            self._waiter.start()
        except BaseException as error:
            self.drop(job)
            self._ended()
            if not isinstance(error, OSError):
                raise
            raise ExchangeError(f"nothing can be written on the door's disk: {error.strerror}"
                                ) from None

    def drop(self, job: FeedbackJob) -> None:
        """Take one away. One that is being made ends, however long it would take."""
        process = self._process
        if process is not None and self.at_work == job.id:
            process.kill()
        self.folder.drop(job)

    def close(self) -> None:
        """End what is being made."""
        self._closing.set()
        self._near.close()
        self._sweeper.join()
        if self._waiter is not None and self._waiter.is_alive():
            self._waiter.join()
        self._far.close()

    def _wait(self, process: BaseProcess, job: FeedbackJob, begun: float) -> None:
        process.join()
        if process.exitcode:
            self.folder.leave(job)  # it had no time to
        self._ended()
        event("feedback packed", assignment=job.assignment, platform=job.platform,
              level=logging.INFO if process.exitcode == 0 else logging.WARNING,
              seconds=round(time.monotonic() - begun, 1), exit=process.exitcode)

    def _ended(self) -> None:
        self._held.close()
        self.at_work = self._process = None
        self._lock.release()

    def _sweep(self) -> None:
        while not self._closing.is_set():
            self.folder.leave_cut_off()  # also of another door, which has ended since
            self.folder.sweep()
            self._closing.wait(_SWEPT)


# In a process of its own ----------------------------------------------------------------------

def _make(leash: Connection, place: Workplace, job: FeedbackJob) -> None:
    os.nice(_YIELDS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started us
    end_with(leash)

    from autograder.exchange.feedback_making import make  # reads notebooks, as the door does not

    make(place.course(), job)
