"""A door of somebody's course, asked over the network by a student's token.

The token goes to the door that was named, and nowhere else: over https, or within this machine; and
no answer can send it on to another place.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request

from pydantic import ValidationError

from autograder import __version__
from autograder.addresses import is_loopback, opener
from autograder.errors import AutograderError
from autograder.handing_in.said import Acknowledged, DoorSays, HowFar, Offer, TurnedDown, Worth
from autograder.names import shown

_PATIENCE = 60.0  # seconds, for each answer
_LARGEST = 1 << 25  # bytes of one
_LONGEST = 500  # characters of a refusal

AnySaid = TypeVar("AnySaid", bound=DoorSays)


class DoorError(AutograderError):
    """A door that is not reached, or that does not do what is asked. The text is its own sentence,
    where it has one."""

    is_passing = False  # whether it is worth asking again in a moment


class NotReached(DoorError):
    """The network, or the door, is away for now."""

    is_passing = True


class NotLetIn(DoorError):
    """The token is good for nothing here."""


class NotThere(DoorError):
    """The door has no such thing for whose token it is."""


def address(url: str) -> str:
    """A door's address, as tokens are kept by it: ``https://host`` or ``https://host:port``.

    Raises:
        DoorError: it is none that a token may be sent to.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise DoorError(f"{shown(url)}: not the address of a door; write it as "
                        "https://grader.example.org") from None
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not host or parts.username or parts.query:
        raise DoorError(f"{shown(url)}: not the address of a door; write it as "
                        "https://grader.example.org")
    if parts.scheme == "http" and not is_loopback(host):
        raise DoorError(f"{shown(url)}: your token would be readable on its way; write https://")
    named = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{named}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


class RemoteDoor:
    """A door, as its API answers. Each method raises ``DoorError``."""

    def __init__(self, url: str, token: str, spoken: str = "en") -> None:
        """
        Args:
            spoken: the language of refusals.
        """
        self.url = address(url)
        if not (token.isascii() and token.isprintable() and token and " " not in token):
            raise NotLetIn(f"{self.url}: this is no token; ask your course for one")
        self._headers = {"authorization": f"Bearer {token}", "accept-language": spoken,
                         "user-agent": f"nbjudge/{__version__}"}
        self._opener = opener(self.url)

    def offers(self) -> list[Offer]:
        """The course's assignments."""
        found = self._parsed(self._ask("/api/assignments"))
        if not isinstance(found, list):
            raise self._strange()
        return [self._read(Offer, each) for each in found]

    def hand_in(self, assignment: str, files: Mapping[str, bytes]) -> tuple[Acknowledged, str]:
        """Hand in; the receipt, and its text as the door gave it."""
        boundary = secrets.token_hex(16)
        text = self._ask(f"/api/assignments/{quote(assignment, safe='')}/handins",
                         _form(files, boundary), f"multipart/form-data; boundary={boundary}")
        document = self._parsed(text)
        return self._read(Acknowledged, document), json.dumps(document, indent=2) + "\n"

    def how_far(self, number: int) -> HowFar:
        """How far a hand-in is."""
        return self._read(HowFar, self._parsed(self._ask(f"/api/handins/{number:d}")))

    def worth(self, number: int) -> Worth:
        """The result of one that is graded."""
        return self._read(Worth, self._parsed(self._ask(f"/api/handins/{number:d}/result")))

    def page(self, number: int) -> str:
        """The same as a page that stands alone."""
        return self._ask(f"/api/handins/{number:d}/page").decode("utf-8", "replace")

    def _ask(self, path: str, body: bytes | None = None, kind: str = "") -> bytes:
        headers = self._headers | ({"content-type": kind} if body is not None else {})
        request = Request(self.url + path, body, headers)
        try:
            with self._opener.open(request, timeout=_PATIENCE) as answer:
                content: bytes = answer.read(_LARGEST + 1)
        except HTTPError as error:
            with error:
                raise self._refused(error.code, error.read(_LARGEST)) from None
        except (URLError, HTTPException, OSError) as error:
            reason = getattr(error, "reason", None) or error
            raise NotReached(f"{self.url}: not reached ({shown(str(reason))}); look whether the "
                             "address is right, and try again") from None
        if len(content) > _LARGEST:
            raise self._strange()
        return content

    def _refused(self, status: int, content: bytes) -> DoorError:
        try:
            said = TurnedDown.model_validate_json(content)
        except ValidationError:
            kind = NotReached if status in (502, 503, 504) else DoorError
            return kind(f"{self.url}: answers with HTTP status {status}; look whether it is the "
                        "address of a door")
        text = f"{self.url}: {shown(said.reason, _LONGEST)}"
        if said.again is not None:
            text += f" ({said.again.astimezone():%Y-%m-%d %H:%M})"
        if status == 401:
            return NotLetIn(f"{self.url}: your token is not, or not any more, good here; ask your "
                            "course for another, and give it by --token-file or AUTOGRADER_TOKEN")
        return {404: NotThere, 503: NotReached}.get(status, DoorError)(text)

    def _parsed(self, content: bytes) -> Any:
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise self._strange() from None

    def _read(self, kind: type[AnySaid], document: Any) -> AnySaid:
        try:
            return kind.model_validate(document)
        except ValidationError:
            raise self._strange() from None

    def _strange(self) -> DoorError:
        return DoorError(f"{self.url}: answers as no door of this version does; look whether it is "
                         "the right address, or open it in a browser")


def _form(files: Mapping[str, bytes], boundary: str) -> bytes:
    """multipart/form-data, as the API takes it: each file as a part called ``files``."""
    parts = []
    for name, content in files.items():
        safe = name.replace("\\", "%5C").replace('"', "%22").replace("\r", "").replace("\n", "")
        parts += [f'--{boundary}\r\nContent-Disposition: form-data; name="files"; '
                  f'filename="{safe}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode(),
                  content, b"\r\n"]
    return b"".join([*parts, f"--{boundary}--\r\n".encode()])
