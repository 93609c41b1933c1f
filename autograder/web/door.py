"""What all endpoints share: the course as it is now, its store, its people, its figures."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from anyio import CapacityLimiter

from autograder.course import secret
from autograder.course.roster import Roster
from autograder.exchange.feedback_jobs import FeedbackJobs
from autograder.grading.course_now import CourseNow, Opened
from autograder.grading.work import Workplace
from autograder.identity.begun import LogIns
from autograder.identity.deep_linking import LinksWanted
from autograder.identity.issuers import Published
from autograder.intake import KeptFiles
from autograder.intake.receiving import RefusedLately
from autograder.report.page_cache import PageCache
from autograder.store.waiting import Waiting
from autograder.telemetry.door_metrics import DoorMetrics

_READ_AT_ONCE = 4  # hand-ins of which something is in memory
_NAMES = 10_000  # hand-ins of which the names of files are


@dataclass
class Door:
    """A course's door. ``url``: how people reach it; ``hosts``: the names that it answers to."""

    place: Workplace
    url: str
    hosts: Collection[str]
    metrics: DoorMetrics = field(default_factory=DoorMetrics)

    def __post_init__(self) -> None:
        self._course = CourseNow(self.place)
        self.secret = secret.load(self.opened.course)
        self.reading = CapacityLimiter(_READ_AT_ONCE)
        self.refused = RefusedLately()
        self._names: dict[str, list[str]] = {}
        self.made = PageCache()
        self.waiting = Waiting(lambda: self.opened.store)
        self.log_ins, self.links, self.published = LogIns(), LinksWanted(), Published()
        self.feedback = FeedbackJobs(self.place, lambda: self.opened.course)

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
        """The course as grader.toml says it now, and its store."""
        return self._course.opened

    @property
    def people(self) -> Roster:
        """The table of people as it is now."""
        return self._course.people

    @property
    def troubles(self) -> dict[str, str]:
        """Of the course's own files: what staff are told."""
        return self._course.troubles

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
        self.metrics.waiting.set(queue.length)
        self.metrics.age.set((datetime.now(UTC) - queue.since).total_seconds()
                             if queue.since else 0)

    def close(self) -> None:
        self.feedback.close()
        self._course.close()
