"""Length-prefixed frames over one socket.

A frame is ``<II`` (length of the header, length of the body), the header as a JSON object, and
the body: the bytes of every tensor that the header mentions.
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from typing import Protocol, TypeAlias

from autograder.protocol.coding import Json
from autograder.protocol.values import ProtocolError
from autograder.sizes import MAX_TEXT

# The longest text, each character as long as JSON makes it (\u0001), and a megabyte beside it.
MAX_HEADER = 6 * MAX_TEXT + (1 << 20)
_PREFIX = struct.Struct("<II")
_AHEAD = 1 << 16
_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode

Until: TypeAlias = "float | Deadline | None"
"""A deadline, by ``time.monotonic``; None: for ever."""
_FIXED = (float, int)


class Timeout(Exception):
    """The deadline passed before the frame was through."""


class Closed(Exception):
    """The other side is gone."""


class Deadline(Protocol):
    """One that may turn out to lie later."""

    until: float
    """By ``time.monotonic``."""

    def moved(self) -> bool:
        """``until`` has passed. Whether it lies later now."""


class Channel:
    """Frames over one stream socket, each within a deadline."""

    def __init__(self, descriptor: int, *, max_body: int, timed: bool = True) -> None:
        """``timed``: there are deadlines. Who has none waits where it reads and writes, and is
        spared two system calls a frame."""
        os.set_blocking(descriptor, not timed)
        self.descriptor = descriptor
        self._max_body = max_body
        self._room = memoryview(bytearray(_AHEAD))
        self._ahead = self._room[:0]  # what came with what was asked for: mostly the whole frame
        self._incoming = select.poll()
        self._incoming.register(descriptor, select.POLLIN)

    def send(self, header: Json, body: list[bytes], deadline: Until = None) -> None:
        """Send one frame.

        Raises:
            Timeout: the other side did not read it by ``deadline`` (``time.monotonic``).
            Closed: the other side is gone.
            ProtocolError: the frame is larger than frames may be.
        """
        text = _json(header).encode("utf-8", "surrogatepass")
        size = sum(map(len, body))
        if len(text) > MAX_HEADER or size > self._max_body:
            raise ProtocolError("a frame larger than allowed")
        rest = memoryview(b"".join([_PREFIX.pack(len(text), size), text, *body]))
        while rest:
            try:
                rest = rest[os.write(self.descriptor, rest) :]
            except BlockingIOError:
                outgoing = select.poll()
                outgoing.register(self.descriptor, select.POLLOUT)
                _wait(outgoing, deadline)
            except OSError:
                raise Closed from None

    def receive(self, deadline: Until = None) -> tuple[dict[str, Json], memoryview]:
        """The next frame's header and body. Raises like ``send``."""
        if deadline is not None and not self._ahead:
            _wait(self._incoming, deadline)  # mostly it has not been written yet
        header_size, body_size = _PREFIX.unpack(self._read(_PREFIX.size, deadline))
        if header_size > MAX_HEADER or body_size > self._max_body:
            raise ProtocolError("a frame larger than allowed")
        frame = self._read(header_size + body_size, deadline)
        try:
            header = json.loads(str(frame[:header_size], "utf-8", "surrogatepass"))
        except (ValueError, RecursionError):
            raise ProtocolError("a header that is not JSON") from None
        if not isinstance(header, dict):
            raise ProtocolError("a header that is not an object")
        return header, frame[header_size:]

    def check_idle(self, deadline: Until) -> None:
        """Nothing may have arrived that was not asked for.

        Raises:
            Closed: the other end has closed.
            ProtocolError: something has arrived.
        """
        if self._ahead or self._incoming.poll(0):
            self._read(1, deadline)
            raise ProtocolError("it spoke without being asked")

    def _read(self, size: int, deadline: Until) -> memoryview:
        if size <= len(self._ahead):
            piece, self._ahead = self._ahead[:size], self._ahead[size:]
            return memoryview(bytes(piece))
        buffer = memoryview(bytearray(size))
        filled = len(self._ahead)
        buffer[:filled], self._ahead = self._ahead[:filled], self._ahead[filled:]
        while filled < size:
            try:
                count = os.readv(self.descriptor, [buffer[filled:], self._room])
            except BlockingIOError:
                _wait(self._incoming, deadline)
                continue
            except OSError:
                raise Closed from None
            if not count:
                raise Closed
            filled += count
        if filled > size:
            self._ahead = self._room[: filled - size]
        return buffer


def _wait(poll: select.poll, deadline: Until) -> None:
    while not poll.poll(_milliseconds(deadline)):
        if deadline is None or isinstance(deadline, _FIXED) or not deadline.moved():
            raise Timeout


def _milliseconds(deadline: Until) -> float | None:
    """Left until then."""
    if deadline is None:
        return None
    until = deadline if isinstance(deadline, _FIXED) else deadline.until
    return max(0.0, until - time.monotonic()) * 1000
