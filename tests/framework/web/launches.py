"""A door, and a learning platform of the tests that launches people to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from elsewhere import Elsewhere
from joserfc.jwk import RSAKey

from autograder.web.door import Door

PEOPLE = ("id,name,email,role,sis_id,lti\nann,Ann Lee,ann@uni.example,student,1001,\n"
          "bob,Bob Ray,bob@uni.example,student,1002,b-7\ncarol,Carol,c@uni.example,staff,,c-1\n")
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
OTHER_SITE = {"origin": "https://lms.example", "sec-fetch-site": "cross-site"}


def of_lti(platform: Elsewhere) -> str:
    return (f'[door.lti]\nissuer = "{platform.url}"\nclient_id = "door"\ndeployments = ["d-1"]\n'
            f'authorize = "{platform.url}/authorize?x=1"\ntoken = "{platform.url}/token"\n'
            f'keys = "{platform.url}/keys"\n')


@dataclass(frozen=True)
class Course:
    """A door, and the platform that a course of it is on."""

    door: Door
    platform: Elsewhere

    def begun(self, client: httpx.Client, **more: str) -> dict[str, str]:
        """What a browser brings to the platform that sent it to log in."""
        answer = client.post("/lti/login", headers=OTHER_SITE, data={
            "iss": self.platform.url, "login_hint": "h-1", "lti_message_hint": "m-1",
            "target_link_uri": f"{self.door.url}/assignments/correlation", "client_id": "door",
            **more})
        assert answer.status_code == 303, answer.text
        place = answer.headers["location"]
        assert place.startswith(f"{self.platform.url}/authorize?x=1&")
        return {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}

    def says(self, nonce: str, /, **claims: Any) -> dict[str, Any]:
        return {"aud": "door", "sub": "a-1", "nonce": nonce, "email": "ann@uni.example",
                f"{LTI}message_type": "LtiResourceLinkRequest", f"{LTI}version": "1.3.0",
                f"{LTI}deployment_id": "d-1", f"{LTI}resource_link": {"id": "r-1"},
                f"{LTI}target_link_uri": f"{self.door.url}/assignments/correlation",
                f"{LTI}roles": [f"{ROLE}Learner"], **claims}

    def launched(self, client: httpx.Client, key: RSAKey | None = None, **claims: Any
                 ) -> httpx.Response:
        asks = self.begun(client)
        return self.posted(client, asks["state"], self.platform.signed(
            self.says(asks["nonce"], **claims), key=key))

    def posted(self, client: httpx.Client, state: str, token: str) -> httpx.Response:
        return client.post("/lti/launch", headers=OTHER_SITE,
                           data={"state": state, "id_token": token})
