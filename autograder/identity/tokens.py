"""Signed statements of who somebody is: JSON Web Tokens, checked."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from typing import Any, TypeAlias

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from autograder.result import Sentence, sentence

TokenClaims: TypeAlias = dict[str, Any]

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")
"""By whose private key alone something is signed: with the shared kinds (HS256), who knows the
public key could sign."""

UNSOUND = (JoseError, ValueError, TypeError, RecursionError)
"""What the library raises of letters that are no token, or none that is signed."""

_LEEWAY = 60  # seconds that clocks may differ
_LONGEST = 1 << 14  # letters of a token


class NotProven(Exception):
    """What somebody shows does not prove who they are, or not of whom in the course."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(reason.text)
        self.reason = reason


class UnknownKey(Exception):
    """A token is signed by a key that is not among those that are known."""


def claims_of(token: str, keys: KeySet, *, issuer: str, audience: str, nonce: str | None = None,
              algorithms: tuple[str, ...] = ALGORITHMS) -> TokenClaims:
    """What a token says, where it is genuine, of this issuer, for this audience, and in time.

    Args:
        nonce: what it has to answer; None where nothing was asked.

    Raises:
        NotProven: it is not.
        UnknownKey: nobody can say.
    """
    registry = jwt.JWTClaimsRegistry(
        leeway=_LEEWAY, exp={"essential": True}, iat={"essential": True},
        iss={"essential": True, "value": issuer}, aud={"essential": True, "value": audience})
    try:
        if len(token) > _LONGEST:
            raise ValueError("too long")
        claims = jwt.decode(token, keys, algorithms=algorithms).claims
        registry.validate(claims)
        json.dumps(claims, ensure_ascii=False).encode()  # halves of letters go into no table
    except InvalidKeyIdError:
        raise UnknownKey from None
    except UNSOUND:
        raise forged() from None
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else audience) != audience \
            or (nonce is not None and claims.get("nonce") != nonce):
        raise forged()
    return claims


def issuer_of(token: str) -> object:
    """Who a token says has signed it: a claim like any other, until it is checked."""
    try:
        return json.loads(urlsafe_b64decode(token.split(".")[1] + "==")).get("iss") \
            if len(token) <= _LONGEST else None
    except (ValueError, IndexError, AttributeError, RecursionError):
        return None


def forged() -> NotProven:
    """Of what is not told why, for it may be an attack."""
    return NotProven(sentence(
        "Who you are could not be confirmed: what came with you is not genuine, was used already, "
        "or is too old. Start again from the page on which you log in."))
