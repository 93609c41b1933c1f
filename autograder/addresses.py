"""Which addresses a token or another secret may be sent to, and how such an address is asked.

Over https nobody on the way can read what is sent; over http it may not leave this machine.
The standard library alone asks here: a student's install has nothing else for it.
"""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, build_opener

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""The usual names of this machine for itself."""


def is_loopback(host: str) -> bool:
    """Whether ``host``, a name or an address without brackets, is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_of_this_machine(url: str) -> bool:
    """Whether this machine itself answers at ``url``, as its host tells. Raises ValueError where
    ``url`` is none."""
    return is_loopback(urlsplit(url).hostname or "")


def is_confidential(url: str) -> bool:
    """Whether a secret may be sent to ``url``: nobody on the way can read or change it."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # checked only when it is read
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and is_of_this_machine(url)))
    except ValueError:
        return False


def opener(url: str) -> OpenerDirector:
    """What asks the server at ``url``, and no other: it follows no redirect, which would take the
    token along, and asks this machine by no proxy, which would read it."""
    return build_opener(
        _NoRedirect, *([ProxyHandler({})] if is_of_this_machine(url) else []))


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None
