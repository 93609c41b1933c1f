"""Log-in by others' word: the course's provider, and launches from its learning platform. What is
checked, and whom it means, says ``autograder.identity``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Form
from fastapi.responses import JSONResponse, RedirectResponse, Response

from autograder.course.door import LtiTable, OidcTable
from autograder.course.roster import Person
from autograder.identity import lti
from autograder.identity.begun import SECONDS, Begun
from autograder.identity.providers import Provider, provider
from autograder.identity.tool_key import public_keys
from autograder.identity.whom import of_claim, of_launch
from autograder.store.keys import KeyKind
from autograder.web.asking import Anybody, Asks
from autograder.web.endpoint import Endpoints
from autograder.web.endpoints.deep_linking import offered
from autograder.web.endpoints.entering import LASTS, let_in
from autograder.web.turned_away import not_there

endpoints = Endpoints(include_in_schema=False)

_COOKIE = "login"
_Text = Annotated[str, Form(max_length=2000)]


@endpoints.get("/login")
def log_in(asks: Anybody) -> Response:
    cookie, begun = asks.door.log_ins.begin()
    return _away(asks, _provider(asks).leads_to(begun, _back(asks, "/login/back")), cookie)


@endpoints.get("/login/back")
def come_back(asks: Anybody, state: str = "", code: str = "") -> Response:
    claims = _provider(asks).claims(code, _begun(asks, state), _back(asks, "/login/back"))
    table = _oidc(asks)
    person = of_claim(asks.door.people, claims, table.claim, table.column)
    return let_in(asks, _session(asks, person), "/")


@endpoints.get("/lti/login")
def asked_to_log_in(asks: Anybody) -> Response:
    return _to_platform(asks, asks.request.query_params)


@endpoints.post("/lti/login")
def told_to_log_in(asks: Anybody, iss: _Text = "", login_hint: _Text = "",
                   lti_message_hint: _Text = "", client_id: _Text = "") -> Response:
    said = {"iss": iss, "login_hint": login_hint, "lti_message_hint": lti_message_hint,
            **({"client_id": client_id} if client_id else {})}
    return _to_platform(asks, said)


@endpoints.post("/lti/launch")
def launch(asks: Anybody, state: Annotated[str, Form()] = "",
           id_token: Annotated[str, Form()] = "") -> Response:
    """A platform posts here from its own page, by the browser of whom it says who they are. What is
    in a session of that browser's before, ends."""
    table, begun = _lti(asks), _begun(asks, state)
    claims = lti.launched(table, id_token, begun, asks.door.url, asks.door.published)
    launches, context = asks.store.launches, lti.context_of(claims)
    person = of_launch(asks.door.people, claims, list(table.columns), launches.ids(table.issuer))
    if lti.wants_links(claims):
        return offered(asks, table, claims, person)
    name = lti.assignment_of(claims, asks.course)
    launches.keep(table.issuer, person.id, claims["sub"])
    if person.role == "staff":  # others' links would lead scores elsewhere
        launches.keep_services(table.issuer, context, name, lti.services(claims), table.context)
    return let_in(asks, _session(asks, person), f"/assignments/{name}" if name else "/")


@endpoints.get("/lti/keys")
def keys(asks: Anybody) -> Response:
    """By which a platform knows that it is the door that asks it for something."""
    _lti(asks)
    return JSONResponse(public_keys(asks.course))


def _to_platform(asks: Asks, said: Mapping[str, str]) -> Response:
    cookie, begun = asks.door.log_ins.begin()
    return _away(asks, lti.leads_to(_lti(asks), said, begun, _back(asks, "/lti/launch")), cookie,
                 posted=True)


def _oidc(asks: Asks) -> OidcTable:
    if (table := asks.course.door.oidc) is None:
        raise not_there()
    return table


def _provider(asks: Asks) -> Provider:
    return provider(asks.course, _oidc(asks), asks.door.published)


def _lti(asks: Asks) -> LtiTable:
    if (table := asks.course.door.lti) is None:
        raise not_there()
    return table


def _begun(asks: Asks, state: str) -> Begun:
    return asks.door.log_ins.end(asks.request.cookies.get(asks.door.cookie_of(_COOKIE), ""), state)


def _session(asks: Asks, person: Person) -> str:
    """One of whom the table of people knows: it says the role."""
    return asks.store.keys.make(KeyKind.SESSION, person.id, LASTS)


def _back(asks: Asks, path: str) -> str:
    return f"{asks.door.url.rstrip('/')}{path}"


def _away(asks: Asks, url: str, cookie: str, *, posted: bool = False) -> Response:
    """To another site, from where the browser comes back with the cookie; ``posted`` by a form of
    that site's, with which browsers send no other cookies than those that say so."""
    response = RedirectResponse(url, 303)
    secure = asks.door.is_https
    response.set_cookie(
        asks.door.cookie_of(_COOKIE), cookie, max_age=SECONDS, httponly=True, secure=secure,
        samesite="lax" if not posted else "none" if secure else None)
    if posted and secure:  # or else a platform's frame has none, where browsers hold others' back
        name, value = response.raw_headers[-1]
        response.raw_headers[-1] = name, value + b"; Partitioned"
    return response
