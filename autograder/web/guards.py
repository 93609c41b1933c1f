"""What every request meets before any endpoint: names, forged requests, too much, too slow; and
what every answer gets: headers that let a page load nothing of others, a line in the log."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autograder.errors import AutograderError
from autograder.identity import pipelines
from autograder.identity.tokens import NotProven
from autograder.intake.receiving import MAX_BYTES, barred
from autograder.result import Sentence, sentence
from autograder.store.keys import Key
from autograder.telemetry.log import event
from autograder.web.answers import policy, refusal
from autograder.web.asking import bearer, changing_as_staff, handing_in, key_of, looks_at
from autograder.web.door import Door
from autograder.web.patience import FairTurns
from autograder.web.turned_away import (
    BUSY,
    TurnedAway,
    not_now,
    not_proven,
    of_refusal,
    our_mistake,
)

_MOST = MAX_BYTES + 2**20  # bytes of a hand-in's body, with what a form needs beside it
_FORM = 2**16  # of any other body
_HANDS_IN = re.compile(r"(/api)?/assignments/(?P<name>[^/]+)(?(1)/handins)")
_OF_STAFF = re.compile(r"/staff/assignments/[^/]+/(?P<what>tables|feedback)")
_UPLOADS = {"tables": 2**22, "feedback": 2**29}  # of what staff upload
_OF_MACHINES = {"/healthz", "/readyz", "/metrics"}  # asked by address, and of nobody
_FROM_PLATFORMS = {"/lti/login", "/lti/launch"}  # another site's, and signed by it
_SLOWEST = 300.0  # seconds until a body has come
_READING = {"GET", "HEAD", "OPTIONS"}
_AT_ONCE = 2  # hand-ins of one person that are on their way
_PIECE = 2**16  # bytes of an answer that are sent at once
# Forms in UTF-8. Some codecs, which a request may name, take a minute for a megabyte.
_FORMS = re.compile(r"application/x-www-form-urlencoded(?:; ?charset=utf-8)?"
                    r"|multipart/form-data; ?boundary=[\w'()+,./:=?\"-]{1,80}", re.IGNORECASE)

HEADERS = {
    "content-security-policy": policy(),
    "cache-control": "no-store",  # grades are personal, and computers are shared
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",  # with none, forms come from nowhere, and look forged
    "x-content-type-options": "nosniff",
}


class Guards:
    """Around the whole application."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door
        self._turns = FairTurns()
        self._headers = [(name.encode(), value.encode()) for name, value in (HEADERS | (
            {"strict-transport-security": "max-age=31536000"} if door.is_https else {})).items()]
        self._coming: Counter[str] = Counter()  # hand-ins on their way, by person

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        request = Request(scope)
        path: str = scope["path"]  # by which the endpoint is found: an address lacks some letters
        hands_in = _HANDS_IN.fullmatch(path) if request.method == "POST" else None
        of_staff = _OF_STAFF.fullmatch(path)
        most = _MOST if hands_in else _UPLOADS[of_staff["what"]] if of_staff else _FORM
        body = _Body(receive, most)
        status = 0  # before there is an answer

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(
                    each for each in self._headers if each[0] not in given)]
            for piece in _pieces(message):
                await send(piece)

        async def unless_too_large(message: Message) -> None:
            if not body.is_too_large:
                await answer(message)

        try:
            self._refuse(request, most)
            async with self._let_by(request, hands_in and hands_in["name"]) as who:
                try:
                    with suppress(TurnedAway):
                        await self._app(scope, body, unless_too_large)
                    if body.is_too_large:
                        raise too_large()
                finally:
                    if hands_in and status >= 400 and status != BUSY:
                        self._door.refused.note(who, datetime.now(UTC))
        except TurnedAway as refused:
            await refusal(request, refused)(scope, receive, answer)
        except NotProven as error:
            await refusal(request, not_proven(error))(scope, receive, answer)
        except AutograderError as error:
            await refusal(request, not_now(error))(scope, receive, answer)
        except Exception:
            if not status:
                (page := refusal(request, our_mistake())).headers["connection"] = "close"
                await page(scope, receive, answer)
            raise  # the server writes where it was into the log, and closes the connection
        finally:
            self._note(scope, status or 500, time.perf_counter() - begun)

    @asynccontextmanager
    async def _let_by(self, request: Request, assignment: str | None) -> AsyncIterator[str]:
        """Who asks, while an answer is made and read; "" for nobody. Who hands in, for
        ``assignment``, has to be somebody of whom something would be received: else no file is
        even taken in. Raises TurnedAway."""
        who = ""
        if assignment is not None:
            who = await run_in_threadpool(self._handing_in, request, assignment)
        elif (is_staffs := _OF_STAFF.fullmatch(request.scope["path"]) is not None) or (
                not request.scope["path"].startswith("/static/")
                and (bearer(request) or self._door.cookie in request.cookies)):
            key = await self._key(request)
            who = "" if key is None else key.student
            if is_staffs:
                changing_as_staff(request)
        if not who:
            yield who
            return
        async with self._turns.one(who):
            if assignment is None:
                yield who
                return
            if self._coming[who] >= _AT_ONCE:
                raise TurnedAway(429, "busy", sentence(
                    "Hand-ins of yours are on their way already. Wait until they have come."))
            self._coming[who] += 1
            try:
                yield who
            finally:
                self._coming[who] -= 1
                self._coming += Counter()  # drops those who have none

    async def _key(self, request: Request) -> Key | None:
        """The key that a request comes with. Of who waits, and looks how far a hand-in is, it is
        remembered: no thread is needed, nor the store."""
        number, token, waiting = looks_at(request), bearer(request), self._door.waiting
        if number is None or (token is not None and pipelines.is_identity(token)):
            return await run_in_threadpool(key_of, request, self._door)
        letters = f"session {request.cookies[self._door.cookie]}" if token is None \
            else f"token {token}"
        if waiting.wants_a_look:
            await run_in_threadpool(waiting.look)
        if (key := waiting.known(letters, number)) is None:
            return await run_in_threadpool(
                waiting.remember, letters, partial(key_of, request, self._door))
        request.state.key = key
        return key

    def _refuse(self, request: Request, most: int) -> None:
        """Raise TurnedAway of what is seen in the headers."""
        host = request.url.hostname or ""
        if host not in self._door.hosts and request.scope["path"] not in _OF_MACHINES:
            raise TurnedAway(421, "host", sentence("This door is not called by that name."))
        if (why := self._forged(request)) is not None:
            raise TurnedAway(403, "forged", why)
        kind = request.headers.get("content-type")
        if request.method not in _READING and kind and not _FORMS.fullmatch(kind):
            raise TurnedAway(415, "kind", sentence("The door reads forms, in UTF-8."))
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > most:
            raise too_large()

    def _handing_in(self, request: Request, assignment: str) -> str:
        """Who hands in. Raises TurnedAway where nothing of theirs would be received."""
        asks, now = handing_in(request, assignment), datetime.now(UTC)
        refused = self._door.refused.barred(asks.course, asks.person.id, now) or barred(
            asks.course, asks.store, asks.people, asks.person, assignment, now)
        if refused is not None:
            raise of_refusal(refused)
        return asks.person.id

    def _forged(self, request: Request) -> Sentence | None:
        """Why a request is another site's, made with our cookies. A browser says of each where it
        comes from; what says nothing is no browser, and a token is sent by no other site."""
        if request.method in _READING or bearer(request) is not None \
                or request.scope["path"] in _FROM_PLATFORMS:
            return None
        site, origin = (request.headers.get(each) for each in ("sec-fetch-site", "origin"))
        own = {self._door.url.rstrip("/"), f"{request.url.scheme}://{request.url.netloc}"}
        if site in ("same-origin", "none") or (site is None and (origin is None or origin in own)):
            return None
        return sentence("This request came from another site. Go back to this one, and try again.")

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        """By the endpoint, not by the path: that may name a person, or hold a key."""
        route = scope.get("route")
        endpoint = getattr(route, "path", "none")
        self._door.metrics.answers.labels(endpoint, status).inc()
        self._door.metrics.seconds.labels(endpoint).observe(seconds)
        event("answered", method=scope["method"], endpoint=endpoint, status=status,
              seconds=round(seconds, 4))


def _pieces(message: Message) -> Iterator[Message]:
    """What is sent, a little at a time: the next when the one before is on its way, so that what
    nobody reads is held by whoever made it, in its turn."""
    body: bytes = message.get("body", b"")
    while len(body) > _PIECE:
        yield {"type": message["type"], "body": body[:_PIECE], "more_body": True}
        body = body[_PIECE:]
    yield {**message, "body": body} if "body" in message else message


class _Body:
    """A request's body, bounded in bytes and in time."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._left = most
        self._until = time.monotonic() + _SLOWEST
        self._is_whole = False
        self.is_too_large = False  # whatever the application says of a body that ends so

    async def __call__(self) -> Message:
        if self._is_whole:
            return await self._receive()  # that the client has gone
        try:
            async with asyncio.timeout(self._until - time.monotonic()):
                message = await self._receive()
        except TimeoutError:
            return {"type": "http.disconnect"}
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.is_too_large = True
            raise too_large()
        self._is_whole = not message.get("more_body", False)
        return message


def too_large() -> TurnedAway:
    return TurnedAway(413, "bytes", sentence(
        "This is larger than {megabytes} MB. Clear the notebook's outputs, save it, and hand it in "
        "again.", megabytes=MAX_BYTES // 2**20))


