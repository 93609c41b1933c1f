"""The thread that finds what has happened, and tells those who wait for it."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import apprise

from autograder.course import Course
from autograder.course.roster import Roster
from autograder.errors import AutograderError
from autograder.report.translations import language
from autograder.report.words import say
from autograder.result import Sentence, sentence
from autograder.store import Store
from autograder.store.notices import Notice, NoticeKind
from autograder.telemetry.log import event

PAUSE = 5.0
"""Seconds between looks."""

AGAIN = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""After how long a notice is tried again that could not be sent; then it is given up."""

_OLDEST = timedelta(days=1)  # of what nobody was told of while no door was open
# One, and nothing beside it: a student may have chosen what a platform calls the address.
_ADDRESS = re.compile(r"[^\s,;:<>()\"\\@]+@[^\s,;:<>()\"\\@]+")
_PATIENCE = 5.0  # seconds that a door which ends waits for the one that is being sent

SAID: Mapping[NoticeKind, Sentence] = {
    NoticeKind.RESULT: sentence("A result is there."),
    NoticeKind.INTERNAL: sentence("A hand-in could not be graded, through our own fault."),
    NoticeKind.REQUEST: sentence("Somebody asks for a second look."),
    NoticeKind.ANSWER: sentence("There is an answer to a request for a second look."),
    NoticeKind.CLOSED: sentence("A request for a second look is closed."),
    NoticeKind.MARK: sentence("A text of yours is marked."),
}


@dataclass(frozen=True)
class Now:
    """The course at one moment."""

    course: Course
    store: Store
    people: Roster


class Notifier:
    """Tells people, from the beginning of its block to the end.

    Args:
        now: the course as it is when it is asked.
        url: of the door, for links.
    """

    def __init__(self, now: Callable[[], Now], url: str) -> None:
        self._now = now
        self._url = url.rstrip("/")
        self._begun = datetime.now(UTC)
        self._ends = threading.Event()
        # Its end is not waited for without bound: a mail server may hang.
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)
        # It writes addresses into its log.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)

    def __enter__(self) -> Notifier:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ends.set()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while not self._ends.wait(PAUSE):
            try:
                self.look()
            except AutograderError as error:
                event("notices are not sent", level=logging.ERROR, why=str(error))
            except Exception as error:  # nothing of one notice may end all others
                event("notices are not sent", level=logging.ERROR, why=type(error).__name__)

    def look(self) -> None:
        """Tell what is new, and what is due again."""
        now = self._now()
        urls = _urls(now.course)
        if not urls:
            return

        def team(student: str) -> list[str]:
            return [each.id for each in now.people.team(now.people.person(student).team)] \
                or [student]

        told = now.store.notices.newest() or self._begun
        now.store.notices.collect(
            max(told, datetime.now(UTC) - _OLDEST), urls.keys(),
            timedelta(minutes=now.course.door.notices.after_minutes), team)
        while not self._ends.is_set() and (notice := now.store.notices.take()) is not None:
            sent = self._tell(notice, now, urls)
            again = None if notice.tried > len(AGAIN) else AGAIN[notice.tried - 1]
            now.store.notices.ended(notice, sent=sent, again=again)
            if not sent:
                event("notice not sent", level=logging.WARNING, notice=notice.number,
                      kind=notice.kind, tried=notice.tried)

    def _tell(self, notice: Notice, now: Now, urls: Mapping[str, str]) -> bool:
        """Whether it was sent; one that has no address is done with."""
        if notice.student is None:
            url = urls.get("staff")
        else:
            address = now.people.person(notice.student).email
            url = _to(urls["students"], address) \
                if _ADDRESS.fullmatch(address) and "students" in urls else None
        if url is None or notice.assignment not in now.course.assignments:
            return True
        assignment = now.course.assignments[notice.assignment]
        reader = language(now.course.language, assignment)
        what = say(SAID[notice.kind], reader)
        target = apprise.Apprise()
        if not target.add(url):
            return False
        return bool(target.notify(
            title=f"{now.course.name}: {what}",
            body=f"{what}\n{say(assignment.title, reader)}\n{self._url}{notice.place}\n",
            body_format=apprise.NotifyFormat.TEXT))


def _urls(course: Course) -> dict[str, str]:
    """Where students and staff are told, of those who are."""
    table = course.door.notices
    named = {"students": table.students, "staff": table.staff}
    return {who: url for who, variable in named.items()
            if variable is not None and (url := os.environ.get(variable, ""))}


def _to(url: str, address: str) -> str:
    """The URL of a mail server, for one reader."""
    return f"{url}{'&' if '?' in url else '?'}to={quote(address, safe='')}"
