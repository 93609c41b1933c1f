"""Pages of results that were made: after a deadline they are read again and again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from autograder.course import Course
from autograder.gradebook import Decisions

_MOST = 2**25  # bytes of all of them


class MadePages:
    """The last ones that were read, as long as the course is what it was, and nothing is decided.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by: tuple[Course, Decisions] | None = None
        self._pages: OrderedDict[Hashable, bytes] = OrderedDict()
        self._bytes = 0

    def find(self, course: Course, decisions: Decisions, parts: Hashable, make: Callable[[], str]
             ) -> bytes:
        """The page that ``make`` makes of these: with other ``parts`` it is another."""
        with self._lock:
            if self._by is None or self._by[0] is not course or self._by[1] is not decisions:
                self._by, self._bytes = (course, decisions), 0
                self._pages.clear()
            by = self._by
            if (known := self._pages.get(parts)) is not None:
                self._pages.move_to_end(parts)
                return known
        page = make().encode()
        with self._lock:
            if self._by is by:
                self._bytes += len(page) - len(self._pages.pop(parts, b""))
                self._pages[parts] = page
            while self._bytes > _MOST:
                self._bytes -= len(self._pages.popitem(last=False)[1])
        return page
