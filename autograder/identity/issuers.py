"""Those who sign tokens: their addresses and public keys, as they publish them."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from autograder.identity.fetching import ProviderError, asked, taken_from
from autograder.identity.tokens import TokenClaims, UnknownKey, claims_of, forged

_FRESH = 3600.0  # seconds that what was published is good for
_SOONEST = 60.0  # seconds between two looks for a key that is not known
_AGAIN = 15.0  # seconds until who did not answer is asked again
_WAIT = 2.0  # seconds
_IN_LINE = 16  # who wait


@dataclass(frozen=True)
class _Remembered:
    """What an address published ``at`` a moment, or why nothing is known of it; and when it did
    not answer last."""

    found: dict[str, Any] | ProviderError
    at: float
    failed: float = -math.inf

    def is_fresh(self, seconds: float) -> bool:
        now = time.monotonic()
        if isinstance(self.found, ProviderError):
            return now - self.failed <= _AGAIN
        return now - self.at <= (_FRESH if now - self.failed <= _AGAIN else seconds)


class Published:
    """What addresses publish, as of an hour ago or little more. One looks at a time, while others
    make do with what was known until now; who has waited too long for that goes, and whoever finds
    many waiting, and where nobody answered nobody asks again for a while: or else the door would
    wait with all its threads."""

    def __init__(self) -> None:
        self._known: dict[str, _Remembered] = {}
        self._lock = threading.Lock()
        self._line = threading.BoundedSemaphore(_IN_LINE)

    def at(self, url: str, fresh: float = _FRESH) -> dict[str, Any]:
        """The JSON object there. Raises ProviderError."""
        known, is_asked = self._known.get(url), self._lock.locked()
        if known is None or not known.is_fresh(fresh + _SOONEST if is_asked else fresh):
            with self._turn(url):
                known = self._known.get(url)
                if known is None or not known.is_fresh(fresh):
                    known = self._known[url] = _looked(url, known)
        if isinstance(known.found, ProviderError):
            raise ProviderError(str(known.found))
        return known.found

    @contextmanager
    def _turn(self, url: str) -> Iterator[None]:
        with ExitStack() as stack:
            for bound, seconds in ((self._line, 0.0), (self._lock, _WAIT)):
                if not bound.acquire(timeout=seconds):
                    raise ProviderError(f"{url}: who is asked before it does not answer")
                stack.callback(bound.release)
            yield


def _looked(url: str, before: _Remembered | None) -> _Remembered:
    """What is known of an address now. Where it does not answer, that is what it published within
    the hour: whoever has a look made for a key that there is not, ends nobody's log-in."""
    now = time.monotonic()
    try:
        return _Remembered(asked("GET", url), now)
    except ProviderError as error:
        if before is None or isinstance(before.found, ProviderError) or now - before.at > _FRESH:
            return _Remembered(error, now, now)
        return replace(before, failed=now)


class Issuer:
    """Somebody who signs tokens.

    Args:
        name: what it calls itself, letter by letter.
        keys: where its public keys are; None where its discovery document says so.
    """

    def __init__(self, name: str, published: Published, keys: str | None = None) -> None:
        self.name = name
        self._published = published
        self._keys = keys

    def place(self, what: str) -> str:
        """An address by its name in the discovery document. Raises ProviderError."""
        found = self.document.get(what)
        if not isinstance(found, str):
            raise ProviderError(f"{self.name}: its discovery document has no {what}")
        return taken_from(self.name, found)

    @property
    def document(self) -> dict[str, Any]:
        """The discovery document. Raises ProviderError."""
        found = self._published.at(
            f"{self.name.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.name:
            raise ProviderError(f"{self.name}: calls itself {found.get('issuer')!r}; write that "
                                "as the issuer in grader.toml")
        return found

    def claims(self, token: str, audience: str, *, nonce: str | None = None,
               algorithms: tuple[str, ...] | None = None) -> TokenClaims:
        """What a token of its says: see ``claims_of``. Raises NotProven, ProviderError."""
        options = {} if algorithms is None else {"algorithms": algorithms}
        for fresh in (_FRESH, _SOONEST):  # keys change
            try:
                return claims_of(token, self._key_set(fresh), issuer=self.name, audience=audience,
                                 nonce=nonce, **options)
            except UnknownKey:
                continue
        raise forged()

    def _key_set(self, fresh: float) -> KeySet:
        place = self._keys or self.place("jwks_uri")
        try:
            return KeySet.import_key_set(self._published.at(place, fresh))  # type: ignore[arg-type]
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise ProviderError(f"{place}: these are no public keys") from None
