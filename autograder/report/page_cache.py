"""A cache of results' pages: after a deadline they are read again and again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future

from autograder.course import Course
from autograder.gradebook import Decisions

_MOST = 2**25  # bytes of all of them


class PageCache:
    """The pages that were read last, as long as the course and what staff decided are the same
    objects. Threads may share it. A page that several ask for at once is made once: whoever waits
    for a result has it open in more than one window, and all of these ask when it is there.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by: tuple[Course, Decisions] | None = None
        self._pages: OrderedDict[Hashable, bytes] = OrderedDict()
        self._bytes = 0
        self._being_made: dict[Hashable, Future[bytes]] = {}

    def find(self, course: Course, decisions: Decisions, parts: Hashable, make: Callable[[], str]
             ) -> bytes:
        """The page, in UTF-8, out of the cache or by ``make``.

        Args:
            parts: all that the page depends on beside ``course`` and ``decisions``.

        Raises:
            what ``make`` raises, for all who wait for that page.
        """
        with self._lock:
            if self._by is None or self._by[0] is not course or self._by[1] is not decisions:
                self._by, self._bytes = (course, decisions), 0
                self._pages.clear()
                self._being_made = {}
            by, being_made = self._by, self._being_made
            if (known := self._pages.get(parts)) is not None:
                self._pages.move_to_end(parts)
                return known
            others = being_made.get(parts)
            own = being_made[parts] = others or Future()
        if others is not None:
            return others.result()
        try:
            page = make().encode()
        except BaseException as error:
            own.set_exception(error)
            with self._lock:
                del being_made[parts]
            raise
        own.set_result(page)
        with self._lock:
            del being_made[parts]
            if self._by is by:
                self._pages[parts] = page
                self._bytes += len(page)
            while self._bytes > _MOST:
                self._bytes -= len(self._pages.popitem(last=False)[1])
        return page
