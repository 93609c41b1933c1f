"""Refusals: a status, and a sentence that says why."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from autograder.errors import AutograderError
from autograder.identity.tokens import NotProven
from autograder.intake.receiving import Refusal
from autograder.names import shown
from autograder.result import Sentence, sentence
from autograder.store.keys import KeyScope
from autograder.telemetry.log import event

BUSY = 503
_TITLES: dict[int | str, Sentence] = {
    **dict.fromkeys(("link", "identity"), sentence("This lets nobody in")),
    "version": sentence("This cannot be read here"),
    401: sentence("You are not logged in"), 403: sentence("This is not for you"),
    404: sentence("There is nothing here"), 409: sentence("This cannot be done any more"),
    413: sentence("This is too large"), 429: sentence("Not yet"), 500: sentence("Our mistake"),
    503: sentence("Not just now")}
_STATUS = {"attempts": 409, "pace": 429, "bytes": 413}
NO_TOKEN = sentence(
    "There is no token with this request, or none that is good. Ask the course's staff for one.")
"""What programs are told where people are told that they are not logged in."""


class TurnedAway(Exception):
    """Why a request is not done. ``kind`` is for programs."""

    def __init__(self, status: int, kind: str, reason: Sentence,
                 again: datetime | None = None) -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind
        self.reason = reason
        self.again = again

    @property
    def title(self) -> Sentence:
        """What happened, in a word or two; ``reason`` says the rest."""
        return _TITLES.get(self.kind) or _TITLES.get(self.status, sentence("This was not done"))


def nobody() -> TurnedAway:
    """Of who is not let in: the key is missing, wrong, used, revoked or too old."""
    return TurnedAway(401, "nobody", sentence(
        "You are not logged in, or not any more. Open the link that you were given."))


def not_proven(error: NotProven) -> TurnedAway:
    """Of whose log-in elsewhere does not say who of the course they are."""
    return TurnedAway(401, "identity", error.reason)


def not_now(error: AutograderError) -> TurnedAway:
    """The disk, the database or another's server refuses: staff alone read why, in the log."""
    event("refused", level=logging.ERROR, why=str(error))
    return TurnedAway(BUSY, "busy", sentence(
        "The door cannot do this just now. Nothing is lost: try again in a minute."))


def our_mistake() -> TurnedAway:
    """Of what ends in an exception that nobody has thought of."""
    return TurnedAway(500, "fault", sentence(
        "The door made a mistake here. Nothing of yours is lost. Tell the course's staff: its log "
        "says what it was."))


def not_for_you() -> TurnedAway:
    """Of who is let in, and may not do this."""
    return TurnedAway(403, "forbidden", sentence("This is for the course's staff."))


def not_by_token(scope: KeyScope) -> TurnedAway:
    """Of what somebody may do, and not by this token."""
    return TurnedAway(403, "scope", sentence(
        "This token's scope is `{scope}`, which is not enough for that. Ask the course's staff for "
        "a token of another scope.", scope=scope))


def not_there() -> TurnedAway:
    """Of what is not there, or is another person's: nobody is told which."""
    return TurnedAway(404, "missing", sentence(
        "Nothing is there by this address, or it is not yours."))


def not_read() -> TurnedAway:
    """Of a result that another version of this program kept."""
    return TurnedAway(409, "version", sentence(
        "Another version of the grader kept this result, and this one cannot read it. Its points "
        "count as they did. The course's staff can have it graded again."))


def no_assignment(name: str, known: Iterable[str]) -> TurnedAway:
    """Of an assignment that the course does not have."""
    return TurnedAway(404, "missing", sentence(
        "This course has no assignment `{name}`; there are: {known}.", name=shown(name, 60),
        known=", ".join(known)))


def of_refusal(refusal: Refusal) -> TurnedAway:
    """Of what somebody hands in that is not received."""
    return TurnedAway(_STATUS.get(refusal.kind, 422), refusal.kind, refusal.reason, refusal.again)
