"""In and out: a link that works once, a session."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Annotated

from fastapi import Form
from fastapi.responses import Response

from autograder.result import sentence
from autograder.store.keys import KeyKind
from autograder.web import answers
from autograder.web.asking import Anybody, Asks, member
from autograder.web.endpoint import Endpoints
from autograder.web.turned_away import TurnedAway

endpoints = Endpoints(include_in_schema=False)

LASTS = timedelta(days=30)
"""How long a session is good for."""


@endpoints.get("/enter")
def door(asks: Anybody, key: str = "") -> Response:
    """A page with a button: whatever looks at links in mails uses none up."""
    key = key.strip()
    found = asks.store.keys.find(key, KeyKind.LINK)
    if key and found is None:
        return _ended(asks, key)
    known = asks.door.people.people.get(found.student) if found else None
    return answers.page("enter.html.j2", asks, title=sentence("Log in"), key=key,
                        oidc=asks.course.door.oidc,
                        whose=known.shown if known else found.student if found else "")


@endpoints.post("/enter")
def enter(asks: Anybody, key: Annotated[str, Form(max_length=200)] = "") -> Response:
    session = asks.store.keys.enter(key.strip(), LASTS)
    return let_in(asks, session, "/") if session else _ended(asks, key.strip())


@endpoints.post("/leave")
def leave(asks: Anybody) -> Response:
    _leave(asks)
    response = answers.see("/enter")
    response.delete_cookie(asks.door.cookie, httponly=True, samesite="lax",
                           secure=asks.door.is_https)
    return response


def let_in(asks: Asks, session: str, place: str) -> Response:
    """A page that somebody sees by a new session. The one that this browser had ends."""
    _leave(asks)
    response = answers.see(place)
    response.set_cookie(asks.door.cookie, session, max_age=int(LASTS.total_seconds()),
                        httponly=True, samesite="lax", secure=asks.door.is_https)
    return response


def _ended(asks: Asks, link: str) -> Response:
    """Of a link that lets nobody in any more: whom it let in, and who still is, goes on. Raises
    TurnedAway of anybody else."""
    with suppress(TurnedAway):
        if member(asks).person.id == asks.store.keys.owner(link):
            return answers.see("/")
    raise TurnedAway(401, "link", sentence(
        "This link was used already, or is too old. Ask the course's staff for another one."))


def _leave(asks: Asks) -> None:
    if (session := asks.request.cookies.get(asks.door.cookie)) is not None:
        asks.store.keys.leave(session)
