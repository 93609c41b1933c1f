"""How long a connection may take to ask for something."""

from __future__ import annotations

import asyncio

from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_SECONDS = 20.0
"""Until a request's headers have come. uvicorn has a limit only for who has been answered once: a
connection that says nothing would keep its place for ever."""


class ImpatientProtocol(H11Protocol):
    """One connection, closed at two looks in a row between which no request has begun."""

    _look: asyncio.TimerHandle | None = None
    _is_waiting = False

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
        is_answering = self.cycle is not None and not self.cycle.response_complete
        is_kept = self.timeout_keep_alive_task is not None  # uvicorn's own limit
        if self._is_waiting and not (is_answering or is_kept):
            self.transport.close()
            return
        self._is_waiting = not (is_answering or is_kept)
        self._look = self.loop.call_later(HEADERS_SECONDS / 2, self._looked)
