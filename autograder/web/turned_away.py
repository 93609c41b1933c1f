"""Refusals: a status, and a sentence that says why."""

from __future__ import annotations

from datetime import datetime

from autograder.result import Sentence, sentence


class TurnedAway(Exception):
    """Why a request is not done. ``kind`` is for programs."""

    def __init__(self, status: int, kind: str, reason: Sentence,
                 again: datetime | None = None) -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind
        self.reason = reason
        self.again = again


def nobody() -> TurnedAway:
    """Of who is not let in: the key is missing, wrong, used, revoked or too old."""
    return TurnedAway(401, "nobody", sentence(
        "You are not logged in, or not any more. Open the link that you were given."))


def not_for_you() -> TurnedAway:
    """Of who is let in, and may not do this."""
    return TurnedAway(403, "forbidden", sentence("This is for the course's staff."))


def not_there() -> TurnedAway:
    """Of what is not there, or is another person's: nobody is told which."""
    return TurnedAway(404, "missing", sentence("There is no such page, or it is not yours."))
