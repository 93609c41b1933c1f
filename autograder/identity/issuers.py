"""Those who sign tokens: their addresses and public keys, as they publish them."""

from __future__ import annotations

import threading
import time
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from autograder.identity.fetching import ProviderError, asked
from autograder.identity.tokens import Claims, UnknownKey, claims_of, forged

_FRESH = 3600.0  # seconds that what was published is good for
_SOONEST = 60.0  # seconds between two looks for a key that is not known
_AGAIN = 15.0  # seconds until who did not answer is asked again
_WAIT = 2.0  # seconds


class Published:
    """What addresses publish, as of an hour ago at most. One looks at a time; who has waited too
    long for that goes, and where nobody answered nobody asks again for a while: or else the door
    would wait with all its threads."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, dict[str, Any] | ProviderError]] = {}
        self._lock = threading.Lock()

    def at(self, url: str, fresh: float = _FRESH) -> dict[str, Any]:
        """The JSON object there. Raises ProviderError."""
        if (found := self._fresh(url, fresh)) is None:
            if not self._lock.acquire(timeout=_WAIT):
                raise ProviderError(f"{url}: who is asked before it does not answer")
            try:
                if (found := self._fresh(url, fresh)) is None:
                    found = _published(url)
                    self._known[url] = time.monotonic(), found
            finally:
                self._lock.release()
        if isinstance(found, ProviderError):
            raise ProviderError(str(found))
        return found

    def _fresh(self, url: str, fresh: float) -> dict[str, Any] | ProviderError | None:
        """What is known, where that is not too old."""
        when, found = self._known.get(url, (0.0, None))
        good = _AGAIN if isinstance(found, ProviderError) else fresh
        return found if time.monotonic() - when <= good else None


def _published(url: str) -> dict[str, Any] | ProviderError:
    try:
        return asked("GET", url)
    except ProviderError as error:
        return error


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
        return found

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
               algorithms: tuple[str, ...] | None = None) -> Claims:
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
