"""A zip of feedback that staff asked for at the desk, and what became of it: files in a folder of
its own, which outlive the door's process."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ValidationError

from autograder.course import Course
from autograder.exchange.format import ExchangeError
from autograder.intake.files import feedback_folder, take_away
from autograder.whole_files import whole_file, write_whole

PLATFORMS: Mapping[str, bool] = {"moodle": True, "canvas": True, "folder": False}
"""For what the desk packs, by names of ``packs``, and whether it takes the platform's download."""

_ID = re.compile(r"[0-9a-f]{16}")
_KEPT = 24 * 3600.0  # seconds
_MOST = 5  # that are kept: each may be as large as a class's notebooks


class FeedbackJob(BaseModel, frozen=True):
    """One of them, as far as it has come."""

    id: str
    assignment: str
    platform: str
    by: str
    asked: datetime
    done: int = 0
    many: int | None = None  # hand-ins; None as long as nobody has counted
    ended: datetime | None = None
    written: int = 0  # students
    notes: tuple[str, ...] = ()  # lines for staff
    error: str | None = None  # why there is none

    @classmethod
    def new(cls, assignment: str, platform: str, by: str) -> FeedbackJob:
        """One that somebody asks for now."""
        return cls(id=secrets.token_hex(8), assignment=assignment, platform=platform, by=by,
                   asked=datetime.now(UTC))

    @property
    def name(self) -> str:
        """What the zip is called when it is saved."""
        return f"{self.assignment}-feedback-{self.platform}.zip"

    @property
    def is_there(self) -> bool:
        """Whether there is a zip to be saved."""
        return self.ended is not None and self.error is None


class FeedbackFolder:
    """The feedback jobs of a course, each in a folder of its own, which is kept for a day.

    Several doors of a course share it. The door that makes a zip holds a lock in the job's folder,
    which the system releases when that door's process ends.
    """

    def __init__(self, course: Course) -> None:
        self._folder = feedback_folder(course)

    def all(self) -> list[FeedbackJob]:
        with suppress(OSError):
            found = [self.find(place.name) for place in self._folder.iterdir()]
            return sorted((each for each in found if each), key=lambda each: each.asked,
                          reverse=True)
        return []

    def find(self, id: str) -> FeedbackJob | None:
        """The one of this id; None where there is none."""
        if not _ID.fullmatch(id):
            return None
        with suppress(OSError, ValidationError):  # it was taken away just now
            return FeedbackJob.model_validate_json((self._folder / id / "job.json").read_bytes())
        return None

    @contextmanager
    def held(self, job: FeedbackJob) -> Iterator[None]:
        """A folder for a new job, which is at work as long as this block lasts. Raises OSError."""
        lock = self._lock(job.id)
        lock.parent.mkdir(parents=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
            with suppress(OSError):  # who looks at it finds it let go
                lock.unlink()

    def is_at_work(self, id: str) -> bool:
        """Whether a door is making it; True as well where the disk does not say. Once this was
        False, the job changes no more."""
        try:
            descriptor = os.open(self._lock(id), os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # as others who look
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

    def at_work(self) -> set[str]:
        """The ids of those that some door makes."""
        return {each.id for each in self.all() if self.is_at_work(each.id)}

    def add(self, job: FeedbackJob, download: BinaryIO | None = None) -> None:
        """Keep a new job, and a copy of the platform's download while it is at work. Raises
        OSError."""
        (self._folder / job.id).mkdir(parents=True, exist_ok=True)
        if download is not None:
            with whole_file(self.download(job)) as file:
                shutil.copyfileobj(download, file)
        write_whole(self._place(job), job.model_dump_json())

    def note(self, job: FeedbackJob) -> None:
        """Keep how far it has come. Raises ExchangeError: it was taken away meanwhile."""
        if self.find(job.id) is None:
            raise ExchangeError("it was taken away meanwhile")
        write_whole(self._place(job), job.model_dump_json())

    def zip(self, job: FeedbackJob) -> Path:
        """Where the zip is, once it is there."""
        return self._folder / job.id / "feedback.zip"

    def download(self, job: FeedbackJob) -> Path:
        """Where what the platform gave lies meanwhile."""
        return self._folder / job.id / f"{job.platform}.zip"

    def drop(self, job: FeedbackJob) -> None:
        """Take it away, with its zip."""
        take_away(self._folder / job.id)

    def leave_cut_off(self) -> None:
        """``leave`` every job that has not ended and that nobody makes any more."""
        for each in self.all():
            if not self.is_at_work(each.id):
                self.leave(each)

    def leave(self, job: FeedbackJob) -> None:
        """Clear away what a job that was cut off has left but how far it came, and all that a job
        left which somebody has dropped meanwhile. One that has ended stays as it is."""
        if (now := self.find(job.id)) is None:
            self.drop(job)
        elif now.ended:
            return
        with suppress(OSError):
            for place in (self._folder / job.id).iterdir():
                if place != self._place(job):
                    place.unlink()

    def sweep(self) -> None:
        """Take away folders that nobody has written to for a day, and the oldest of too many; none
        that is being made."""
        with suppress(OSError):
            at = {place: place.stat().st_mtime for place in self._folder.iterdir()
                  if _ID.fullmatch(place.name)}
            newest = sorted(at, key=at.__getitem__, reverse=True)
            for number, place in enumerate(newest):
                if (number >= _MOST or time.time() - at[place] > _KEPT) \
                        and not self.is_at_work(place.name):
                    take_away(place)

    def _lock(self, id: str) -> Path:
        return self._folder / id / "at-work"

    def _place(self, job: FeedbackJob) -> Path:
        return self._folder / job.id / "job.json"
