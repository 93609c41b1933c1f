"""What all endpoints share: the course as it is now, its store, its people, its figures."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from autograder.course import Course, roster, secret
from autograder.course.roster import Roster
from autograder.errors import AutograderError
from autograder.grading.work import Workplace
from autograder.identity.begun import LogIns
from autograder.identity.issuers import Published
from autograder.records.log import event
from autograder.store import Arrival, Store

_READ_AT_ONCE = 4  # hand-ins held in memory
_FRESH = 1.0  # seconds that places in the queue are good for


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
        self._opened = self._open()
        self.secret = secret.load(self._opened.course)
        self.reading = threading.BoundedSemaphore(_READ_AT_ONCE)
        self._queue_lock = threading.Lock()
        self._places: tuple[float, dict[int, int]] = (0, {})
        self.log_ins, self.published = LogIns(), Published()
        self._people: tuple[object, Roster] = (None, Roster())

    @property
    def is_https(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    def cookie(self, name: str) -> str:
        """What a cookie is called: so that browsers take it, over TLS, from this very site only. A
        neighbour's in the same domain, where students may have pages, could give somebody the
        session of somebody else."""
        return f"__Host-{name}" if self.is_https else name

    @property
    def opened(self) -> Opened:
        """The course as grader.toml says it now. One that cannot be read changes nothing."""
        try:
            if self.place.toml.read_bytes() != self._opened.toml:
                with self._lock:
                    if self.place.toml.read_bytes() != self._opened.toml:
                        before, self._opened = self._opened, self._open()
                        before.store.close()
        except (OSError, AutograderError) as error:
            event("grader.toml cannot be used", level=logging.ERROR, why=str(error))
        return self._opened

    @property
    def people(self) -> Roster:
        """The table of people as it is now."""
        file = roster.file(self._opened.course)
        try:
            found = file.stat()
        except OSError:
            return Roster()
        version = found.st_mtime_ns, found.st_size, found.st_ino
        if self._people[0] != version:
            self._people = version, roster.load(self._opened.course)
        return self._people[1]

    def before(self, arrival: Arrival) -> int | None:
        """How many hand-ins are graded before this one, as of a second ago; None where it does not
        wait. A class that waits asks by the hundred."""
        if not arrival.state.is_queued:
            return None
        with self._queue_lock:
            at, places = self._places
            if time.monotonic() - at > _FRESH or arrival.number not in places:
                order = self.opened.store.arrivals.order()
                places = {number: place for place, number in enumerate(order)}
                self._places = time.monotonic(), places
        return places.get(arrival.number, 0)

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
        return Opened(course, Store(course, shared=True), toml)


def names_of(url: str, host: str) -> set[str]:
    """The names that a door at ``host`` answers to, and that it is reached by from outside. Any
    other is somebody's who has a name of theirs lead here."""
    named = urlsplit(url).hostname or ""
    loopback = {"localhost", "127.0.0.1", "::1"}
    return {named, host, *(loopback if host in loopback | {"0.0.0.0", "::"} else set())} - {""}
