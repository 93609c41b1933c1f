"""How long a connection may take to ask for something and to read the answer, and how many answers
of one person are on their way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from autograder.result import sentence
from autograder.web.turned_away import TurnedAway

HEADERS_SECONDS = 20.0
"""Until a request's headers have come. uvicorn has a limit only for who has been answered once: a
connection that says nothing would keep its place for ever."""

ANSWER_SECONDS = 300.0
"""Until what was answered is read. uvicorn has no limit: who reads nothing would have it kept."""

_AT_ONCE = 6  # answers of one person, as many as a browser has connections
_WAITING = 60  # that may wait for their turn


class ImpatientProtocol(H11Protocol):
    """One connection, closed at two looks in a row between which no request has begun, and cut off
    where at all looks for so long something was left to be read."""

    _look: asyncio.TimerHandle | None = None
    _is_waiting = False
    _unread = 0  # looks

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._look = self.loop.call_later(HEADERS_SECONDS / 2, self._looked)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def _looked(self) -> None:
        self._unread = self._unread + 1 if self.transport.get_write_buffer_size() else 0
        if self._unread * HEADERS_SECONDS / 2 > ANSWER_SECONDS:
            self.transport.abort()  # to close it would wait for who does not read
            return
        is_answering = self.cycle is not None and not self.cycle.response_complete
        is_kept = self.timeout_keep_alive_task is not None  # uvicorn's own limit
        if self._is_waiting and not (is_answering or is_kept):
            self.transport.close()
        else:
            self._is_waiting = not (is_answering or is_kept)
        self._look = self.loop.call_later(HEADERS_SECONDS / 2, self._looked)


@dataclass
class _Turn:
    free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    many: int = 0


class FairTurns:
    """So many answers of one person are made, or being read, at a time; more wait, and too many
    are refused. So nobody has all threads of the door, nor its memory."""

    def __init__(self) -> None:
        self._of: dict[str, _Turn] = {}

    @asynccontextmanager
    async def one(self, person: str) -> AsyncIterator[None]:
        """One answer's turn. Raises TurnedAway."""
        turn = self._of.setdefault(person, _Turn())
        if turn.many >= _AT_ONCE + _WAITING:
            raise TurnedAway(429, "busy", sentence(
                "Too much is on its way to you already. Wait until it has come."))
        turn.many += 1
        try:
            async with turn.free:
                yield
        finally:
            turn.many -= 1
            if not turn.many:
                del self._of[person]
