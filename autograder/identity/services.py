"""What a learning platform's course gives the door and takes from it: its people (Names and Role
Provisioning) and scores (Assignment and Grade Services)."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from autograder.addresses import is_confidential
from autograder.course.door import LtiTable
from autograder.identity.fetching import ProviderError, answered, asked, document

_NAMES = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
_GRADES = "https://purl.imsglobal.org/spec/lti-ags/scope/"
_PEOPLE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
_COLUMN = "application/vnd.ims.lis.v2.lineitem+json"
_COLUMNS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
_RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
_SCORE = "application/vnd.ims.lis.v1.score+json"
_MOST = 1000  # pages of a list


@dataclass(frozen=True)
class Score:
    """What somebody is given; not final where questions of theirs are still to be marked."""

    user: str
    given: float
    full: float
    is_final: bool


class PlatformCourse:
    """A course on the platform, asked by the door's own key. Every method raises ProviderError."""

    def __init__(self, table: LtiTable, key: RSAKey) -> None:
        self._table = table
        self._key = key
        self._tokens: dict[str, str] = {}

    def members(self, url: str) -> Iterator[Mapping[str, Any]]:
        """Everybody in the course, as the platform describes them."""
        for page in self._pages(url, _NAMES, _PEOPLE):
            yield from _objects(page.get("members") if isinstance(page, dict) else None)

    def column(self, url: str, name: str, title: str, full: float) -> str:
        """The gradebook's column for an assignment, made where there is none."""
        scope = f"{_GRADES}lineitem"
        for page in self._pages(url, scope, _COLUMNS):
            for found in _objects(page):
                if found.get("resourceId") == name and isinstance(found.get("id"), str):
                    return str(found["id"])
        made = asked("POST", url, headers=self._headers(
            scope, {"content-type": _COLUMN, "accept": _COLUMN}), json={
                "label": title, "scoreMaximum": full, "resourceId": name})
        if not isinstance(made.get("id"), str):
            raise ProviderError(f"{url}: does not say where the column is that it made")
        return str(made["id"])

    def held(self, column: str, full: float) -> dict[str, float]:
        """User -> what stands in the column, as a part of ``full`` points; nobody who has
        nothing."""
        found = {}
        for page in self._pages(_below(column, "results"), f"{_GRADES}result.readonly", _RESULTS):
            for each in _objects(page):
                score, most = each.get("resultScore"), each.get("resultMaximum") or full
                if isinstance(score, int | float) and isinstance(most, int | float):
                    found[str(each.get("userId"))] = score * full / most
        return found

    def put(self, column: str, score: Score) -> None:
        """Put a score into the column."""
        answered("POST", _below(column, "scores"), headers=self._headers(
            f"{_GRADES}score", {"content-type": _SCORE}), json={
                "userId": score.user, "scoreGiven": score.given, "scoreMaximum": score.full,
                "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "activityProgress": "Completed",
                "gradingProgress": "FullyGraded" if score.is_final else "PendingManual"})

    def _pages(self, url: str, scope: str, kind: str) -> Iterator[Any]:
        """Each page of a list; further ones at the same place only, for they are shown the
        token."""
        place = urlsplit(url)[:2]
        for _ in range(_MOST):
            answer = answered("GET", url, headers=self._headers(scope, {"accept": kind}))
            yield document(answer)
            url = answer.links.get("next", {}).get("url", "")
            if not url:
                return
            if not is_confidential(url) or urlsplit(url)[:2] != place:
                raise ProviderError(f"{place[1]}: says that its list goes on elsewhere")
        raise ProviderError(f"{place[1]}: its list has no end")

    def _headers(self, scope: str, more: Mapping[str, str]) -> dict[str, str]:
        if scope not in self._tokens:
            self._tokens[scope] = self._token(scope)
        return {"authorization": f"Bearer {self._tokens[scope]}", **more}

    def _token(self, scope: str) -> str:
        now = int(time.time())
        self._key.ensure_kid()
        statement = jwt.encode({"alg": "RS256", "kid": self._key.kid}, {
            "iss": self._table.client_id, "sub": self._table.client_id, "aud": self._table.token,
            "iat": now, "exp": now + 300, "jti": str(uuid.uuid4())}, self._key)
        answer = asked("POST", self._table.token, data={
            "grant_type": "client_credentials", "scope": scope, "client_assertion": statement,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"})
        return str(answer.get("access_token"))


def _objects(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _below(url: str, name: str) -> str:
    """An address below another one's, whose query it keeps."""
    place = urlsplit(url)
    return urlunsplit(place._replace(path=f"{place.path.rstrip('/')}/{name}"))
