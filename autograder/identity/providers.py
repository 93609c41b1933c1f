"""Providers that log people in: OpenID Connect, and a JupyterHub, which speaks OAuth 2.0 to its
services."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from autograder.course import Course
from autograder.course.door import OidcTable
from autograder.identity.begun import Begun
from autograder.identity.fetching import ProviderError, asked
from autograder.identity.issuers import Issuer, Published
from autograder.identity.tokens import TokenClaims, forged

SECRET = "AUTOGRADER_OIDC_SECRET"


class Provider(Protocol):
    """Who logs people in."""

    def leads_to(self, begun: Begun, back: str) -> str:
        """Where a browser goes to log in, which then leads it ``back``. Raises ProviderError."""

    def claims(self, code: str, begun: Begun, back: str) -> TokenClaims:
        """What is said of whoever came back with a code. Raises NotProven, ProviderError."""


def provider(course: Course, table: OidcTable, published: Published) -> Provider:
    """The course's provider. Raises ProviderError where its secret is nowhere."""
    client = _DoorAsClient(table.client_id, _secret(course, table))
    if table.kind == "jupyterhub":
        return _JupyterHub(client, table.issuer.rstrip("/"))
    return _OpenId(client, table.claim, Issuer(table.issuer, published))


@dataclass(frozen=True)
class _DoorAsClient:
    """What the provider knows the door by."""

    id: str
    secret: str

    def leads_to(self, url: str, begun: Begun, back: str, **more: str) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest())
        asks = {"response_type": "code", "client_id": self.id, "redirect_uri": back,
                "state": begun.state, "code_challenge": challenge.rstrip(b"=").decode(),
                "code_challenge_method": "S256", **more}
        return f"{url}{'&' if '?' in url else '?'}{urlencode(asks)}"

    def tokens(self, url: str, code: str, begun: Begun, back: str, *, basic: bool
               ) -> dict[str, Any]:
        """What a code is good for, once. The secret goes in a header, or beside the code."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back,
                "code_verifier": begun.verifier}
        given: dict[str, Any] = {
            "data": form, "auth": (quote(self.id, ""), quote(self.secret, ""))} if basic else {
            "data": {**form, "client_id": self.id, "client_secret": self.secret}}
        try:
            return asked("POST", url, **given)
        except ProviderError as error:
            if error.status == 400:  # this code, and not the door
                raise forged() from None
            raise


@dataclass(frozen=True)
class _OpenId:
    client: _DoorAsClient
    claim: str
    issuer: Issuer

    def leads_to(self, begun: Begun, back: str) -> str:
        return self.client.leads_to(
            self.issuer.place("authorization_endpoint"), begun, back, nonce=begun.nonce,
            scope="openid email profile")

    def claims(self, code: str, begun: Begun, back: str) -> TokenClaims:
        ways = self.issuer.document.get("token_endpoint_auth_methods_supported",
                                        ["client_secret_basic"])
        tokens = self.client.tokens(self.issuer.place("token_endpoint"), code, begun, back,
                                    basic="client_secret_basic" in ways)
        claims = self.issuer.claims(str(tokens.get("id_token")), self.client.id,
                                    nonce=begun.nonce)
        wanted = {self.claim, "email_verified"} if self.claim == "email" else {self.claim}
        if wanted <= claims.keys() or "userinfo_endpoint" not in self.issuer.document:
            return claims
        more = _of_user(self.issuer.place("userinfo_endpoint"), tokens)
        if more.get("sub") != claims.get("sub"):
            raise forged()
        return claims | more  # of an address both come from there


@dataclass(frozen=True)
class _JupyterHub:
    client: _DoorAsClient
    hub: str

    def leads_to(self, begun: Begun, back: str) -> str:
        return self.client.leads_to(f"{self.hub}/api/oauth2/authorize", begun, back)

    def claims(self, code: str, begun: Begun, back: str) -> TokenClaims:
        tokens = self.client.tokens(f"{self.hub}/api/oauth2/token", code, begun, back, basic=False)
        return _of_user(f"{self.hub}/api/user", tokens)


def _of_user(url: str, tokens: dict[str, Any]) -> TokenClaims:
    return asked("GET", url, headers={"authorization": f"Bearer {tokens.get('access_token')}"})


def _secret(course: Course, table: OidcTable) -> str:
    if (given := os.environ.get(SECRET)) is not None:
        return given
    file = course.root / (table.secret_file or "")
    if table.secret_file is None:
        raise ProviderError(f"door.oidc: the provider's secret is nowhere; set {SECRET}, or name a "
                            "file by secret_file")
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ProviderError(f"{file}: the provider's secret cannot be read; make it a text file "
                            f"that you can read, or set {SECRET}") from None
