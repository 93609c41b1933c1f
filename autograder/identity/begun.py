"""A log-in between its beginning at the door and its end, meanwhile at a provider."""

from __future__ import annotations

import base64
import hmac
import secrets
import threading
import time
from dataclasses import dataclass

from joserfc import jwt
from joserfc.jwk import OctKey

from autograder.identity.tokens import UNSOUND, forged

SECONDS = 600
"""How long somebody may take to log in."""


@dataclass(frozen=True)
class Begun:
    """A log-in on its way. ``state`` comes back by the browser, ``nonce`` in the token;
    ``verifier`` is shown to the provider only, and proves that who ends it began it (PKCE)."""

    state: str
    nonce: str
    verifier: str


class LogIns:
    """Those that this process has begun. What a browser has to bring back it holds itself, in a
    cookie that is signed; here is kept no more than which have ended, so that nobody fills the
    memory or the store by beginning."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._ended: dict[str, float] = {}
        self._lock = threading.Lock()

    def begin(self) -> tuple[str, Begun]:
        """A new log-in, and the cookie for it."""
        id = secrets.token_urlsafe(24)
        cookie = jwt.encode({"alg": "HS256"}, {"jti": id, "exp": int(time.time()) + SECONDS},
                            OctKey.import_key(self._key))
        return cookie, self._begun(id)

    def end(self, cookie: str, state: str) -> Begun:
        """The log-in that comes back, once.

        Raises:
            NotProven: this browser has begun none of this state, or has ended it, or is too late.
        """
        try:
            claims = jwt.decode(cookie, OctKey.import_key(self._key), algorithms=["HS256"]).claims
            jwt.JWTClaimsRegistry(exp={"essential": True}).validate(claims)
        except UNSOUND:
            raise forged() from None
        begun, now = self._begun(claims["jti"]), time.time()
        if not hmac.compare_digest(begun.state.encode(), state.encode(errors="replace")):
            raise forged()
        with self._lock:
            # The oldest only: to look at all, each time, would let many who end slow the door down.
            while self._ended and (oldest := next(iter(self._ended.items())))[1] <= now:
                del self._ended[oldest[0]]
            if claims["jti"] in self._ended:
                raise forged()
            self._ended[claims["jti"]] = claims["exp"] + 1
        return begun

    def _begun(self, id: str) -> Begun:
        return Begun(*(base64.urlsafe_b64encode(hmac.digest(
            self._key, f"{what} {id}".encode(), "sha256")).rstrip(b"=").decode()
            for what in ("state", "nonce", "verifier")))
