"""A course as its files say it at this moment, for a process that stays: grader.toml, the table of
people, the store."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, CourseError, roster
from autograder.course.roster import Roster, RosterError
from autograder.errors import AutograderError
from autograder.grading.work import Workplace
from autograder.store import Store
from autograder.telemetry.log import event

_AGAIN = 5.0  # seconds until what could not be used is read again: the disk may be well then


@dataclass(frozen=True)
class Opened:
    """The course at one moment, and its store."""

    course: Course
    store: Store
    version: object  # of grader.toml


class CourseNow:
    """The course of a workplace, kept up to date. A file that cannot be used changes nothing: the
    last one that could be used counts, and ``troubles`` (file -> why) tells staff until the file is
    mended. Threads may share it."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._reading = threading.Lock()  # the table of people
        self.troubles: dict[str, str] = {}
        self._slips: dict[str, tuple[object, float]] = {}  # which version, and until when
        self._people: tuple[object, Roster] = (None, Roster())
        self._opened = self._open()
        self._people = self._version_of_people(), roster.load(self._opened.course)

    @property
    def opened(self) -> Opened:
        """The course as grader.toml says it now. One that cannot be read changes nothing."""
        try:
            version = _version(self._place.toml)
            if version != self._opened.version and not self._is_slip("grader.toml", version):
                with self._lock:
                    if version != self._opened.version:
                        before, self._opened = self._opened, self._open()
                        before.store.close()
            if version == self._opened.version:
                self._is_well("grader.toml")
        except (OSError, AutograderError) as error:
            if isinstance(error, CourseError):
                self._slips["grader.toml"] = version, time.monotonic() + _AGAIN
            self._is_ill("grader.toml", error)
        return self._opened

    @property
    def people(self) -> Roster:
        """The table of people as it is now; the last one that could be read, where that cannot: a
        slip of somebody who writes in it shuts nobody out."""
        try:
            version = self._version_of_people()
            if version != self._people[0] and not self._is_slip("people", version):
                self._read_people(version)
            if version == self._people[0]:
                self._is_well("people")
        except AutograderError as error:
            self._is_ill("people", error)
        return self._people[1]

    def _read_people(self, version: object) -> None:
        """Read the table, as nobody else does meanwhile: what was read of it before may not take
        the place of what is read now. While it is being written, what was known counts."""
        if not self._reading.acquire(blocking=False):
            return
        try:
            found = roster.load(self._opened.course)
            if self._version_of_people() == version:
                roster.keep_most(self._people[1], found, roster.file(self._opened.course))
                self._people = version, found
        except RosterError:
            self._slips["people"] = version, time.monotonic() + _AGAIN
            raise
        finally:
            self._reading.release()

    def _is_slip(self, what: str, version: object) -> bool:
        """Whether it could not be used a moment ago: it is not read again for everybody who asks.
        """
        slip, until = self._slips.get(what, (None, 0.0))
        return version == slip and time.monotonic() < until

    def close(self) -> None:
        self._opened.store.close()

    def _open(self) -> Opened:
        version = _version(self._place.toml)  # in this order: it may change meanwhile
        course = self._place.course()
        return Opened(course, Store(course, shared=True, people=lambda: self.people), version)

    def _version_of_people(self) -> object:
        """What changes with the table; None where the course has none."""
        file = roster.file(self._opened.course)
        try:
            return _version(file)
        except OSError:
            if self._people[0] is None:
                return None
            raise RosterError(f"{file}: is not there any more; put it back") from None

    def _is_well(self, what: str) -> None:
        self.troubles.pop(what, None)

    def _is_ill(self, what: str, error: Exception) -> None:
        if self.troubles.get(what) != str(error):
            event(f"{what} cannot be used", level=logging.ERROR, why=str(error))
        self.troubles[what] = str(error)


def _version(file: Path) -> object:
    """A value that is another one when the file was changed; to read it each time would cost more
    than most answers. A file that takes the place of another may have its modification time, and
    its number on the disk; but nobody sets back when that was done (``st_ctime``)."""
    found = file.stat()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
