"""Asking servers whose word counts: over TLS, bounded in bytes, in seconds and in how many wait."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
from typing_extensions import override

from autograder.addresses import is_confidential, is_of_this_machine
from autograder.errors import AutograderError
from autograder.names import shown

_SECONDS = 10.0
_MOST = 1 << 20  # bytes of an answer
_AT_ONCE = threading.BoundedSemaphore(8)
_IN_LINE = threading.BoundedSemaphore(16)  # a slow provider holds up no more of the door's threads


class ProviderError(AutograderError):
    """A server that was asked does not answer as it has to. The text says which, and what it did;
    it never has a secret in it. ``status`` is of HTTP, where it refused."""

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


def answered(method: str, url: str, **options: Any) -> httpx.Response:
    """What a server answers; it is not followed where it leads elsewhere.

    Raises:
        ProviderError: nothing, too much, too slowly, or a refusal.
    """
    if not is_confidential(url):
        raise ProviderError(f"{shown(url)}: not an https:// address; nothing is asked there")
    place = shown(urlsplit(url).hostname or "")
    with _turn(place):
        try:
            with httpx.Client(transport=_BoundedTransport(), timeout=_SECONDS) as client:
                response = client.request(method, url, **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderError(f"{place}: does not answer: {type(error).__name__}") from None
    if not response.is_success:
        raise ProviderError(f"{place}: refuses, with HTTP status {response.status_code}",
                            response.status_code)
    return response


def taken_from(source: str, url: str) -> str:
    """An address that ``source`` said. Raises ProviderError where that would have this machine's
    own services asked, and the source is none of them."""
    if not is_confidential(url) or (is_of_this_machine(url) and not is_of_this_machine(source)):
        raise ProviderError(f"{source}: leads to {shown(url)}; an https:// address elsewhere is "
                            "needed, and nothing is asked there")
    return url


def document(response: httpx.Response) -> Any:
    """The JSON of an answer. Raises ProviderError where it is none."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        raise ProviderError(f"{response.url.host}: its answer is no JSON") from None


def asked(method: str, url: str, **options: Any) -> dict[str, Any]:
    """The JSON object that a server answers. Raises ProviderError."""
    response = answered(method, url, **options)
    found = document(response)
    if not isinstance(found, dict):
        raise ProviderError(f"{response.url.host}: its answer is no JSON object")
    return found


@contextmanager
def _turn(place: str) -> Iterator[None]:
    """One of those who ask, after a second's wait at most. Raises ProviderError where as many wait
    already, or it is too long."""
    with ExitStack() as stack:
        for bound, seconds in ((_IN_LINE, 0.0), (_AT_ONCE, 1.0)):
            if not bound.acquire(timeout=seconds):
                raise ProviderError(f"{place}: too many questions wait for an answer already")
            stack.callback(bound.release)
        yield


class _BoundedTransport(httpx.HTTPTransport):
    """Answers that are whole, small and in time, and as they were sent: what is packed could be
    large when it is unpacked."""

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        until = time.monotonic() + _SECONDS
        request.headers["accept-encoding"] = "identity"
        with _cut_off(request):
            response = super().handle_request(request)
        content = bytearray()
        try:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise httpx.DecodingError("packed")
            for part in response.iter_raw():
                content += part
                if len(content) > _MOST:
                    raise httpx.DecodingError("too large")
                if time.monotonic() > until:
                    raise httpx.ReadTimeout("too slow")
        finally:
            response.close()
        kept = [(name, value) for name, value in response.headers.items()
                if name not in ("content-length", "transfer-encoding")]
        return httpx.Response(response.status_code, headers=kept, content=bytes(content))


@contextmanager
def _cut_off(request: httpx.Request) -> Iterator[None]:
    """End the connection of a server that is not silent, and whose head is not whole in time: the
    library's seconds begin anew at each byte."""
    connections: list[socket.socket] = []

    def note(event: str, said: dict[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            connections.append(said["return_value"].get_extra_info("socket"))

    def end() -> None:
        for each in connections:
            with suppress(OSError):  # it is closed, or has become one of TLS
                socket.socket.shutdown(each, socket.SHUT_RDWR)

    request.extensions["trace"] = note
    watch = threading.Timer(_SECONDS, end)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
