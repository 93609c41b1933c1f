"""Answers those who wait for a grader out of memory: one look at the store a second serves all of
them."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from autograder.store.arrivals import Arrival
from autograder.store.keeping import Store
from autograder.store.keys import Key

_FRESH = 1.0  # seconds that a look is good for
_MOST = 10_000  # keys that are remembered


@dataclass(frozen=True)
class _Seen:
    """The queue at one moment, in its order, and what says whether a key has ended since."""

    at: float = 0.0
    places: dict[int, tuple[int, Arrival]] = field(default_factory=dict)
    ended: object = None


class Waiting:
    """The queue, as it was a second ago; threads may share it.

    Whose a key is, the store said once of somebody who waits, and is asked again when any key has
    ended since.
    """

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._seen = _Seen()
        self._keys: dict[str, tuple[object, Key]] = {}

    @property
    def wants_a_look(self) -> bool:
        """Whether nobody has looked for a second, or is looking."""
        return time.monotonic() - self._seen.at > _FRESH and not self._lock.locked()

    def look(self) -> None:
        """Look, unless somebody did meanwhile. Raises StoreError."""
        asked = time.monotonic()
        with self._lock:
            if self._seen.at >= asked:
                return
            at, store = time.monotonic(), self._store()
            self._seen = _Seen(at, {each.number: (place, each) for place, each in enumerate(
                store.arrivals.queued())}, store.keys.ended())

    def find(self, number: int) -> tuple[int, Arrival] | None:
        """A hand-in that waited then, and how many were before it; None where it did not."""
        return self._seen.places.get(number)

    def before(self, arrival: Arrival) -> int | None:
        """How many hand-ins are graded before this one; None where it does not wait. Raises
        StoreError."""
        if not arrival.state.is_queued:
            return None
        if self.wants_a_look or self.find(arrival.number) is None:
            self.look()
        return (self.find(arrival.number) or (0, arrival))[0]

    def known(self, letters: str, number: int) -> Key | None:
        """The key of these letters, where it is remembered, and this hand-in waits."""
        ended, key = self._keys.get(_name(letters), (None, None))
        return key if key is not None and ended == self._seen.ended \
            and key.expires > datetime.now(UTC) and self.find(number) is not None else None

    def remember(self, letters: str, find: Callable[[], Key | None]) -> Key | None:
        """What ``find`` finds in the store: whose the key of these letters is, if anybody's."""
        ended, key = self._seen.ended, find()  # in this order: it may end meanwhile
        if key is not None:
            if len(self._keys) >= _MOST:
                self._keys.clear()
            self._keys[_name(letters)] = ended, key
        return key


def _name(letters: str) -> str:
    return hashlib.sha256(letters.encode(errors="replace")).hexdigest()
