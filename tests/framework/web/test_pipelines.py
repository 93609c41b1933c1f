"""Hand-ins by pipelines: whose a push is, says the identity token of the service that ran it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from doors import a_door, visitor
from elsewhere import Elsewhere, elsewhere
from hand_ins import ADA, BOB
from joserfc.jwk import RSAKey

from autograder.web.door import Door

PEOPLE = ("id,name,role,team,github,gitlab\nann,Ann Lee,student,t,Ann-Git,ann.lab\n"
          "bob,Bob Ray,student,,bob,\ndan,Dan Od,student,t,dan,\ncarol,Carol,staff,,carol,\n")
HAND_INS = "/api/assignments/correlation/handins"
OF_ANN = {"repository": "course-org/correlation-ann-git", "repository_owner": "course-org",
          "actor": "ann-git", "event_name": "push", "ref": "refs/heads/main"}


@dataclass(frozen=True)
class Served:
    door: Door
    service: Elsewhere
    lab: Elsewhere | None = None

    def token(self, key: RSAKey | None = None, **claims: Any) -> str:
        return self.service.signed({"aud": self.door.url, **OF_ANN, **claims}, key=key)

    def pushed(self, token: str, path: str = HAND_INS, content: bytes = ADA) -> httpx.Response:
        return visitor(self.door).post(path, files=[("files", ("correlation.ipynb", content))],
                                       headers={"authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with elsewhere() as service, elsewhere() as lab, a_door(
            tmp_path_factory.mktemp("course"), people=PEOPLE, more=(
                f'[door.github]\nissuer = "{service.url}"\n'
                'repositories = "course-org/{assignment}-{account}"\n'
                f'[door.gitlab]\nissuer = "{lab.url}"\nrepositories = "cnn/{{account}}/work"\n'
                )) as door:
        yield Served(door, service, lab)


def test_a_push_is_a_hand_in(served: Served) -> None:
    answer = served.pushed(served.token())
    assert answer.status_code == 201, answer.text
    assert answer.json()["student"] == "ann"
    arrival = served.door.opened.store.arrivals.find(answer.json()["number"])
    assert arrival is not None and (arrival.student, arrival.way) == ("ann", "api")
    before = len(served.service.asked)
    assert served.pushed(served.token()).json()["number"] == arrival.number
    assert len(served.service.asked) == before  # its keys are known


@pytest.mark.parametrize(("claims", "why"), [
    ({"aud": "https://grader.example.org"}, "not genuine"), ({"exp": 1}, "not genuine"),
    ({"iss": "https://token.actions.githubusercontent.com"}, "not genuine"),
    ({"aud": None}, "not genuine"),
    ({"repository": "course-org/correlation-eve"}, "hand in for nobody"),
    ({"repository": "eve/correlation-ann-git"}, "hand in for nobody"),
    ({"repository": "course-org/pooling-ann-git"}, "hand in for nobody"),
    ({"repository": "course-org/x/correlation-ann-git"}, "hand in for nobody"),
    ({"repository": "course-org/correlation-ann"}, "hand in for nobody"),  # an id, no account
    ({"repository": "course-org/correlation-ann-git\n"}, "hand in for nobody"),
    ({"actor": "bob"}, "hand in for nobody"), ({"actor": "carol"}, "hand in for nobody"),
    ({"actor": "eve"}, "hand in for nobody"), ({"actor": None}, "hand in for nobody"),
    ({"repository": "course-org/correlation-bob"}, "hand in for nobody"),
    ({"repository": None}, "hand in for nobody"), ({"repository": 7}, "hand in for nobody"),
    ({"event_name": "pull_request"}, "when something is pushed"),
    ({"event_name": "pull_request_target"}, "when something is pushed")])
def test_who_may_not_hand_in_so_is_told_why(
    claims: dict[str, Any], why: str, served: Served
) -> None:
    before = len(served.door.opened.store.arrivals.all())
    answer = served.pushed(served.token(**claims))
    assert answer.status_code == 401 and why in answer.json()["reason"]
    assert len(served.door.opened.store.arrivals.all()) == before
    assert served.pushed(served.token()).status_code == 201  # the control


def test_of_a_team_each_hands_in_by_its_repository(served: Served) -> None:
    assert served.pushed(served.token(actor="dan"), content=BOB).json()["student"] == "dan"


def test_another_key_signs_nothing(served: Served) -> None:
    assert served.pushed(served.token(RSAKey.generate_key(2048))).status_code == 401
    _, claims, signature = served.token().split(".")
    odd = [base64.urlsafe_b64encode(json.dumps({
        "alg": "RS256", "kid": served.service.key.kid, **more}).encode()).rstrip(b"=").decode()
        for more in ({"crit": 1}, {"crit": [1]}, {"alg": []}, {"kid": {}})]
    for token in ("a.b.c", "..", "x" * 20000 + ".b.c", "e30.e30.e30",
                  *(f"{header}.{claims}.{signature}" for header in odd)):
        assert served.pushed(token).status_code == 401


def test_an_identity_is_good_for_one_assignments_hand_ins_and_nothing_else(
    served: Served
) -> None:
    token = served.token()
    number = served.pushed(token).json()["number"]
    client = visitor(served.door)
    client.headers["authorization"] = f"Bearer {token}"
    for path in ("/api/assignments", f"/api/handins/{number}", "/", f"/handins/{number}/result"):
        assert client.get(path).status_code == 401, path
    for path in ("/assignments/correlation", "/api/assignments/nothing/handins"):
        assert served.pushed(token, path).status_code in (401, 404), path


def test_gitlab_says_it_in_its_own_words(served: Served) -> None:
    lab = served.lab
    assert lab is not None
    said = {"aud": served.door.url, "project_path": "cnn/ann.lab/work", "pipeline_source": "push",
            "user_login": "ann.lab"}
    assert served.pushed(lab.signed(said)).json()["student"] == "ann"
    for wrong in ({"pipeline_source": "merge_request_event"}, {"project_path": "cnn/ann-git/work"},
                  {"project_path": "cnn/ann.lab/x/work"}):
        assert served.pushed(lab.signed(said | wrong)).status_code == 401
    # What another service signs is taken for no word of this one's.
    assert served.pushed(lab.signed({"aud": served.door.url, **OF_ANN})).status_code == 401
    assert served.pushed(lab.signed(
        {"aud": served.door.url, "iss": served.service.url, **OF_ANN})).status_code == 401


def test_a_service_that_is_away_holds_nobody_up(tmp_path: Any) -> None:
    with elsewhere() as service, a_door(tmp_path, people=PEOPLE, more=(
            f'[door.github]\nissuer = "{service.url}"\n'
            'repositories = "course-org/{assignment}-{account}"\n')) as door:
        served = Served(door, service)
        service.answers.clear()
        for _ in range(3):
            answer = served.pushed(served.token())
            assert answer.status_code == 503 and answer.json()["kind"] == "busy"
        assert len(service.asked) == 1  # and is not asked again for each
