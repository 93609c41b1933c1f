"""A learning platform asks for links to put into its course: LTI Deep Linking 2.0."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from pydantic import BaseModel, ValidationError

from autograder.addresses import is_confidential
from autograder.course.door import LtiTable
from autograder.identity.lti import PLACE, VERSION, origin, places
from autograder.identity.tokens import UNSOUND, NotProven, TokenClaims, forged
from autograder.identity.whom import CLAIM
from autograder.names import shown
from autograder.result import sentence

LINK = "ltiResourceLink"
"""What an item is called that leads to something here."""

_CLAIM = "https://purl.imsglobal.org/spec/lti-dl/claim/"
_CHOOSING = 24 * 3600  # seconds that somebody may take to choose: nobody is hurried
_SENDING = 300  # that a browser may take to bring the answer back


class LinksAsked(BaseModel, frozen=True):
    """What a platform wants. ``data`` is its own, and goes back letter by letter."""

    deployment: str
    back: str  # where the answer goes
    takes_links: bool
    takes_several: bool
    takes_columns: bool  # of its gradebook, with the links
    data: str | None

    @property
    def platform(self) -> str:
        """Where the platform is, as a content policy says it."""
        place = urlsplit(self.back)
        return f"{place.scheme}://{place.netloc}"

    @property
    def sends_to(self) -> str:
        """Where a form with the answer may go, as a content policy says it."""
        return self.platform + quote(urlsplit(self.back).path, safe="/%~!$&()*+=:@")


def links_asked(table: LtiTable, claims: TokenClaims) -> LinksAsked:
    """What the platform of a launch wants.

    Raises:
        NotProven: it does not say so, or wants the answer elsewhere.
    """
    said = claims.get(f"{_CLAIM}deep_linking_settings")
    said = said if isinstance(said, dict) else {}
    back, types, data = (said.get(name) for name in (
        "deep_link_return_url", "accept_types", "data"))
    if not isinstance(back, str) or not isinstance(types, list) \
            or not isinstance(data, str | None):
        raise forged()
    if not is_confidential(back) or origin(back) not in places(table) \
            or not PLACE.fullmatch(urlsplit(back).netloc):
        raise NotProven(sentence(
            "The learning platform wants links to be sent to {place}, which is none of its "
            "addresses in grader.toml. If it is the platform, write it there as `pages`.",
            place=shown(back, 200)))
    return LinksAsked(
        deployment=claims[f"{CLAIM}deployment_id"], back=back, takes_links=LINK in types,
        takes_several=said.get("accept_multiple") is True,
        takes_columns=said.get("accept_lineitem") is not False, data=data)


class LinksWanted:
    """Requests of platforms while somebody chooses, sealed: their page holds them, and who it was
    that came. So nothing is kept here, and no cookie is needed, which browsers hold back where the
    page is in a frame of the platform's."""

    def __init__(self) -> None:
        self._key = OctKey.import_key(secrets.token_bytes(32))

    def sealed(self, table: LtiTable, asked: LinksAsked, person: str) -> str:
        return jwt.encode({"alg": "HS256"}, {
            "exp": int(time.time()) + _CHOOSING, "iss": table.model_dump_json(), "sub": person,
            "asked": asked.model_dump()}, self._key)

    def opened(self, table: LtiTable, seal: str) -> tuple[LinksAsked, str]:
        """What was asked, and whom. Raises NotProven: it was not sealed here, or too long ago, or
        the course has had another platform, or other deployments of it, since."""
        try:
            claims = jwt.decode(seal, self._key, algorithms=["HS256"]).claims
            jwt.JWTClaimsRegistry(exp={"essential": True}, iss={
                "essential": True, "value": table.model_dump_json()}).validate(claims)
            return LinksAsked.model_validate(claims["asked"]), claims["sub"]
        except (*UNSOUND, ValidationError):
            raise forged() from None


def answer(table: LtiTable, asked: LinksAsked, items: Sequence[Mapping[str, Any]], key: RSAKey
           ) -> str:
    """What a platform is told, signed by the door: these links, or none."""
    now = int(time.time())
    key.ensure_kid()
    said: dict[str, Any] = {
        "iss": table.client_id, "aud": [table.issuer], "iat": now, "exp": now + _SENDING,
        "nonce": secrets.token_urlsafe(24), f"{CLAIM}message_type": "LtiDeepLinkingResponse",
        f"{CLAIM}version": VERSION, f"{CLAIM}deployment_id": asked.deployment,
        f"{_CLAIM}content_items": list(items)}
    if asked.data is not None:
        said[f"{_CLAIM}data"] = asked.data
    return jwt.encode({"alg": "RS256", "kid": key.kid}, said, key)
