"""Launches from a learning platform: LTI 1.3 core, with the security framework of 1EdTech.

Of roles nothing is taken: who is staff, the course's table of people says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from autograder.course import Course
from autograder.course.door import LtiTable
from autograder.identity.begun import Begun
from autograder.identity.issuers import Issuer, Published
from autograder.identity.tokens import NotProven, TokenClaims, forged
from autograder.identity.whom import CLAIM
from autograder.result import sentence

VERSION = "1.3.0"

PLACE = re.compile(r"[\w.:\[\]-]+", re.ASCII)
"""A host, and perhaps a port: nothing that a content policy would read as more."""

_ALGORITHMS = ("RS256",)
_PORTS = {"https": 443, "http": 80}
_KIND = f"{CLAIM}message_type"
_TARGET = f"{CLAIM}target_link_uri"
_GRADES = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
_NAMES = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"


def leads_to(table: LtiTable, asked: Mapping[str, str], begun: Begun, back: str) -> str:
    """Where the platform says who somebody is, whom it has sent to log in.

    Raises:
        NotProven: it is another platform, or another door's.
    """
    if asked.get("iss") != table.issuer or asked.get("client_id", table.client_id) \
            != table.client_id or not asked.get("login_hint"):
        raise _unknown()
    asks = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post",
            "prompt": "none", "client_id": table.client_id, "redirect_uri": back,
            "state": begun.state, "nonce": begun.nonce,
            **{name: asked[name] for name in ("login_hint", "lti_message_hint")
               if asked.get(name)}}
    return f"{table.authorize}{'&' if '?' in table.authorize else '?'}{urlencode(asks)}"


def launched(
    table: LtiTable, token: str, begun: Begun, url: str, published: Published
) -> TokenClaims:
    """What the platform says of a launch at the door ``url``: of a link, or to choose links.

    Raises:
        NotProven: it is no launch of this course's platform, of a person who is named.
        ProviderError: the platform's keys cannot be had.
    """
    claims = Issuer(table.issuer, published, table.keys).claims(
        token, table.client_id, nonce=begun.nonce, algorithms=_ALGORITHMS)
    link, target = claims.get(f"{CLAIM}resource_link"), claims.get(_TARGET)
    if claims.get(f"{CLAIM}version") != VERSION \
            or not isinstance(claims.get(f"{CLAIM}roles"), list) \
            or not (wants_links(claims) or (
                claims.get(_KIND) == "LtiResourceLinkRequest"
                and isinstance(link, dict) and link.get("id"))) \
            or not (origin(target) == origin(url) or (wants_links(claims) and target is None)):
        raise forged()
    if claims.get(f"{CLAIM}deployment_id") not in table.deployments:
        raise _unknown()
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise NotProven(sentence(
            "Your learning platform does not say who you are. Ask the course's staff to have it "
            "share names with this page."))
    return claims


def places(table: LtiTable) -> dict[tuple[str, str, int | None], str]:
    """Where the platform is, by its addresses in grader.toml: origins, and how a content policy
    says them."""
    return {found: f"{found[0]}://{urlsplit(each).netloc}"
            for each in (table.issuer, table.authorize, table.token, table.keys, table.pages)
            if each and (found := origin(each)) and PLACE.fullmatch(urlsplit(each).netloc)}


def wants_links(claims: TokenClaims) -> bool:
    """Whether somebody was sent to choose links for the platform's course."""
    return bool(claims.get(_KIND) == "LtiDeepLinkingRequest")


def assignment_of(claims: TokenClaims, course: Course) -> str | None:
    """The assignment that a link leads to: by its own parameter ``assignment``, or by its address;
    None where it leads to none."""
    custom = claims.get(f"{CLAIM}custom")
    said = custom.get("assignment") if isinstance(custom, dict) else None
    path = urlsplit(claims[_TARGET]).path
    name = said or path.removeprefix("/assignments/")
    return name if isinstance(name, str) and name in course.assignments else None


def context_of(claims: TokenClaims) -> str:
    """The platform's course that a link is in; empty where it is in none."""
    context = claims.get(f"{CLAIM}context")
    found = context.get("id") if isinstance(context, dict) else None
    return str(found) if isinstance(found, str | int) else ""


def services(claims: TokenClaims) -> dict[str, str]:
    """Where the platform of a launch gives names and takes scores: ``names``, the one column that
    is the link's, ``column``, and all ``columns``; what it has not is left out."""
    grades, names = (claims.get(claim) for claim in (_GRADES, _NAMES))
    found = {"names": _text(names, "context_memberships_url"),
             "column": _text(grades, "lineitem"), "columns": _text(grades, "lineitems")}
    return {kind: url for kind, url in found.items() if url}


def _text(said: Any, name: str) -> str:
    found = said.get(name) if isinstance(said, dict) else None
    return found if isinstance(found, str) else ""


def origin(url: object) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None where it is no address."""
    try:
        place = urlsplit(url) if isinstance(url, str) else None
        return place and (place.scheme, place.hostname or "",
                          place.port or _PORTS.get(place.scheme))
    except ValueError:
        return None


def _unknown() -> NotProven:
    return NotProven(sentence(
        "This door does not know the learning platform that you came from, or not this "
        "installation of it. Ask the course's staff."))
