"""What all endpoints share: the course as it is now, its store, its people, its figures."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from anyio import CapacityLimiter
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from autograder.course import Course, CourseError, roster, secret
from autograder.course.roster import Roster, RosterError
from autograder.errors import AutograderError
from autograder.grading.work import Workplace
from autograder.identity.begun import LogIns
from autograder.identity.issuers import Published
from autograder.intake import KeptFiles
from autograder.intake.receiving import RefusedLately
from autograder.records.log import event
from autograder.report.made import MadePages
from autograder.store import Store
from autograder.store.waiting import Waiting

_READ_AT_ONCE = 4  # hand-ins of which something is in memory
_NAMES = 10_000  # hand-ins of which the names of files are


class Figures:
    """What a door counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.answers = Counter("door_answers", "Requests answered", ["endpoint", "status"],
                               registry=self.registry)
        self.seconds = Histogram("door_answer_seconds", "Time to answer a request", ["endpoint"],
                                 registry=self.registry)
        self.received = Counter("door_received", "Hand-ins received", ["assignment", "way"],
                                registry=self.registry)
        self.refused = Counter("door_refused", "Hand-ins refused", ["kind"],
                               registry=self.registry)
        self.waiting = Gauge("door_waiting", "Hand-ins in the queue", registry=self.registry)
        self.age = Gauge("door_waiting_seconds", "Age of the oldest hand-in in the queue",
                         registry=self.registry)


@dataclass(frozen=True)
class Opened:
    """The course at one moment, and its store."""

    course: Course
    store: Store
    toml: bytes


@dataclass
class Door:
    """A course's door. ``url`` is by what people reach it; ``hosts`` are the names that it answers
    to."""

    place: Workplace
    url: str
    hosts: Collection[str]
    figures: Figures = field(default_factory=Figures)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.troubles: dict[str, str] = {}  # of the course's own files: what staff are told
        self._slips: dict[str, object] = {"people": None, "grader.toml": None}
        self._people: tuple[object, Roster] = (None, Roster())
        self._opened = self._open()
        self._people = self._version_of_people(), roster.load(self._opened.course)
        self.secret = secret.load(self._opened.course)
        self.reading = CapacityLimiter(_READ_AT_ONCE)
        self.refused = RefusedLately()
        self._names: dict[str, list[str]] = {}
        self.made = MadePages()
        self.waiting = Waiting(lambda: self.opened.store)
        self.log_ins, self.published = LogIns(), Published()

    @property
    def is_https(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    def cookie_of(self, what: str) -> str:
        """What a cookie is called: so that browsers take it, over TLS, from this very site only. A
        neighbour's in the same domain, where students may have pages, could give somebody the
        session of somebody else."""
        return f"__Host-{what}" if self.is_https else what

    @property
    def cookie(self) -> str:
        """That of a session."""
        return self.cookie_of("session")

    @property
    def opened(self) -> Opened:
        """The course as grader.toml says it now. One that cannot be read changes nothing."""
        try:
            toml = self.place.toml.read_bytes()
            if toml not in (self._opened.toml, self._slips["grader.toml"]):
                with self._lock:
                    if toml != self._opened.toml:
                        before, self._opened = self._opened, self._open()
                        before.store.close()
            if toml == self._opened.toml:
                self._is_well("grader.toml")
        except (OSError, AutograderError) as error:
            if isinstance(error, CourseError):
                self._slips["grader.toml"] = toml
            self._is_ill("grader.toml", error)
        return self._opened

    @property
    def people(self) -> Roster:
        """The table of people as it is now; the last one that could be read, where that cannot: a
        slip of somebody who writes in it shuts nobody out."""
        try:
            version = self._version_of_people()
            if version not in (self._people[0], self._slips["people"]):
                self._slips["people"] = version  # and is not read again for everybody who asks
                self._people = version, roster.load(self._opened.course)
            if version == self._people[0]:
                self._is_well("people")
        except AutograderError as error:
            self._is_ill("people", error)
        return self._people[1]

    def names(self, digest: str) -> list[str]:
        """The names of a hand-in's files: looked for once, for all is unpacked on the way."""
        if (known := self._names.get(digest)) is not None:
            return known
        if found := KeptFiles(self.opened.course).names(digest):
            if len(self._names) >= _NAMES:
                self._names.clear()
            self._names[digest] = found
        return found

    def measure(self) -> None:
        """Bring the figures of the queue up to date."""
        queue = self.opened.store.arrivals.queue()
        self.figures.waiting.set(queue.length)
        self.figures.age.set((datetime.now(UTC) - queue.since).total_seconds()
                             if queue.since else 0)

    def close(self) -> None:
        self._opened.store.close()

    def _open(self) -> Opened:
        toml = self.place.toml.read_bytes()
        course = self.place.course()
        return Opened(course, Store(course, shared=True, people=lambda: self.people), toml)

    def _version_of_people(self) -> object:
        """What changes with the table; None where the course has none."""
        file = roster.file(self._opened.course)
        try:
            found = file.stat()
        except OSError:
            if self._people[0] is None:
                return None
            raise RosterError(f"{file}: is not there any more; put it back") from None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _is_well(self, what: str) -> None:
        self.troubles.pop(what, None)

    def _is_ill(self, what: str, error: Exception) -> None:
        if self.troubles.get(what) != str(error):
            event(f"{what} cannot be used", level=logging.ERROR, why=str(error))
        self.troubles[what] = str(error)


def names_of(url: str, host: str) -> set[str]:
    """The names that a door at ``host`` answers to, and that it is reached by from outside. Any
    other is somebody's who has a name of theirs lead here."""
    named = urlsplit(url).hostname or ""
    loopback = {"localhost", "127.0.0.1", "::1"}
    return {named, host, *(loopback if host in loopback | {"0.0.0.0", "::"} else set())} - {""}
