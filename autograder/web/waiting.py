"""Those who wait for a grader, by the hundred: answered from memory, by one look at the store for
all of them, a second."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from anyio.to_thread import run_sync

from autograder.store import Arrival, Store
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
    """The queue, as it was a second ago.

    Whose a key is, the store said once for a page that waits, and is asked again when any key has
    ended since: what a page asks while it waits touches no database.
    """

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._seen = _Seen()
        self._keys: dict[str, tuple[object, Key]] = {}

    async def whose(self, letters: str, number: int, ask: Callable[[], Key | None]) -> Key | None:
        """Whose this key is, of somebody who looks at a hand-in; ``ask`` asks the store, which
        takes a thread."""
        if self._is_old() and not self._lock.locked():
            await run_sync(self._look)
        seen, name = self._seen, hashlib.sha256(letters.encode(errors="replace")).hexdigest()
        if number in seen.places and name in self._keys:
            ended, key = self._keys[name]
            if ended == seen.ended and key.expires > datetime.now(UTC):
                return key
        found = await run_sync(ask)
        if found is not None:
            if len(self._keys) >= _MOST:
                self._keys.clear()
            self._keys[name] = seen.ended, found  # of before the store was asked
        return found

    def find(self, number: int) -> Arrival | None:
        """A hand-in that waited a second ago."""
        _, found = self._seen.places.get(number, (0, None))
        return found

    def place(self, number: int) -> int:
        """How many hand-ins were before it then."""
        return self._seen.places[number][0]

    def before(self, arrival: Arrival) -> int | None:
        """How many hand-ins are graded before this one; None where it does not wait. Raises
        StoreError."""
        if not arrival.state.is_queued:
            return None
        if self._is_old() or arrival.number not in self._seen.places:
            self._look()
        return self._seen.places.get(arrival.number, (0, arrival))[0]

    def _is_old(self) -> bool:
        return time.monotonic() - self._seen.at > _FRESH

    def _look(self) -> None:
        asked = time.monotonic()
        with self._lock:
            if self._seen.at >= asked:
                return  # somebody else did meanwhile
            at, store = time.monotonic(), self._store()
            self._seen = _Seen(at, {each.number: (place, each) for place, each in enumerate(
                store.arrivals.queued())}, store.keys.ended())
