"""What was handed in, asked of the door by graders of other machines."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request

from autograder.addresses import opener
from autograder.intake import IntakeError
from autograder.intake.files import FilesLost, is_digest
from autograder.intake.packed import MAX_KEPT, unpacked

_PATIENCE = 60.0  # seconds without a byte
_MOST = MAX_KEPT + 2**20  # bytes: what cannot be packed is a little larger than it was
_MISSING = 404


@dataclass(frozen=True)
class OtherDoor:
    """A door at ``url``, and the token by which somebody of the staff reads there."""

    url: str
    token: str = field(repr=False)

    def files(self, digest: str) -> dict[str, bytes] | None:
        """The files of this digest by name; None where the door has none. They are held to it.

        Raises:
            FilesLost: it has others.
            IntakeError: it cannot be asked, or does not answer.
        """
        if not is_digest(digest):
            return None
        asked = Request(f"{self.url.rstrip('/')}/api/kept/{digest}", headers={
            "authorization": f"Bearer {self.token}"})
        try:
            with opener(self.url).open(asked, timeout=_PATIENCE) as answer:
                packed = answer.read(_MOST)
        except HTTPError as error:
            if error.code == _MISSING:
                return None
            raise IntakeError(f"{self.url}: does not give files: status {error.code}; give a token "
                              "of somebody of the staff, as `autograder access token` prints it") \
                from None
        except (OSError, HTTPException) as error:
            why = getattr(error, "reason", None) or error
            raise IntakeError(f"{self.url}: cannot be asked for files: {why}; look whether the "
                              "door is open, and whether this machine reaches it") from None
        found = unpacked(io.BytesIO(packed), digest)
        if found is None:
            raise FilesLost(f"{self.url}: gives other files than {digest}; put them back there "
                               "from a backup")
        return found
