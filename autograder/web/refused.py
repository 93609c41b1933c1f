"""Refusals: a status, and a sentence that says why."""

from __future__ import annotations

from datetime import datetime

from autograder.result import Sentence, sentence


class Refused(Exception):
    """Why a request is not done. ``kind`` is for programs."""

    def __init__(self, status: int, kind: str, reason: Sentence,
                 again: datetime | None = None) -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind
        self.reason = reason
        self.again = again


def nobody() -> Refused:
    """Of who is not let in: the key is missing, wrong, used, revoked or too old."""
    return Refused(401, "nobody", sentence(
        "You are not logged in, or not any more. Open the link that you were given."))


def not_for_you() -> Refused:
    """Of who is let in, and may not do this."""
    return Refused(403, "forbidden", sentence("This is for the course's staff."))


def not_there() -> Refused:
    """Of what is not there, or is another person's: nobody is told which."""
    return Refused(404, "missing", sentence("There is no such page, or it is not yours."))
