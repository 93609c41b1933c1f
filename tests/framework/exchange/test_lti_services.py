"""People taken from a learning platform's course, and scores sent into its gradebook: by the verbs,
at a platform of the tests."""

from __future__ import annotations

import csv
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import warm
from databases import a_course, a_result
from elsewhere import Asked, Elsewhere, elsewhere
from joserfc import jwt
from joserfc.jwk import KeySet

from autograder.course import load
from autograder.errors import ExitStatus
from autograder.identity.fetching import ProviderError
from autograder.identity.services import PlatformCourse
from autograder.identity.tool_key import public_keys, tool_key
from autograder.store import Store

PEOPLE = ("id,name,email,role,lti\nann,Ann Lee,ann@uni.example,student,a-1\n"
          "bob,Bob Ray,bob@uni.example,student,\ncarol,Carol,c@uni.example,staff,\n"
          "dan,Dan Od,,student,\n")
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
TEACHER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"


@dataclass
class Platform:
    """A course on a platform: who is in it, and what stands in its gradebook's one column."""

    root: Path
    server: Elsewhere
    results: dict[str, float] = field(default_factory=dict)
    columns: list[dict[str, Any]] = field(default_factory=list)

    def token(self, asked: Asked) -> Any:
        form = asked.form
        keys = KeySet.import_key_set(public_keys(load(self.root / "grader.toml")))  # type: ignore
        claims = jwt.decode(form["client_assertion"], keys, algorithms=["RS256"]).claims
        assert form["grant_type"] == "client_credentials" and claims["iss"] == claims["sub"] == \
            "door" and claims["aud"] == f"{self.server.url}/token"
        return {"access_token": f"for {form['scope']}", "token_type": "Bearer"}

    def is_for(self, asked: Asked, scope: str) -> None:
        assert asked.headers["authorization"] == f"Bearer for {scope}"

    def members(self, asked: Asked) -> Any:
        self.is_for(asked, "https://purl.imsglobal.org/spec/lti-nrps/scope/"
                           "contextmembership.readonly")
        first = {"members": [
            {"user_id": "a-1", "name": "Ann Lee-New", "roles": [LEARNER], "status": "Active"},
            {"user_id": "b-7", "email": "bob@uni.example", "roles": ["Learner"],
             "lis_person_sourcedid": "1002"},
            {"user_id": "c-1", "email": "c@uni.example", "roles": [TEACHER]},
            {"user_id": "t-2", "name": "A Teacher", "roles": [TEACHER]}]}
        second = {"members": [
            {"user_id": "e-1", "given_name": "Eve", "family_name": "New", "roles": [LEARNER],
             "email": "eve@uni.example"},
            {"user_id": "g-1", "name": "Gone", "roles": [LEARNER], "status": "Inactive"},
            {"user_id": "s-1", "name": "Test", "roles": [
                LEARNER, "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"]}, 7]}
        if "page=2" in asked.path:
            return second
        return first, {"link": f'<{self.server.url}/members?page=2>; rel="next"'}

    def all_columns(self, asked: Asked) -> Any:
        self.is_for(asked, f"{AGS}lineitem")
        if asked.method == "POST":
            said = json.loads(asked.body)
            self.columns.append(said | {"id": f"{self.server.url}/columns/1?type=2"})
            return self.columns[-1]
        return self.columns

    def column_results(self, asked: Asked) -> Any:
        self.is_for(asked, f"{AGS}result.readonly")
        return [{"userId": user, "resultScore": score, "resultMaximum": 100}
                for user, score in self.results.items()]

    def scores(self, asked: Asked) -> Any:
        self.is_for(asked, f"{AGS}score")
        assert asked.path.endswith("/scores?type=2")
        said = json.loads(asked.body)
        if said["userId"] == "d-1":
            return {}, {"status": "422"}
        self.results[said["userId"]] = 100 * said["scoreGiven"] / said["scoreMaximum"]
        return {}

    def autograder(self, *arguments: str, status: int = ExitStatus.DONE) -> str:
        done = warm.autograder(*arguments, cwd=self.root, env=os.environ | {"COLUMNS": "200"})
        assert done.returncode == status, done.stderr + done.stdout
        return done.stderr + done.stdout


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with elsewhere() as server:
        found = Platform(tmp_path, server)
        server.answers |= {
            "/token": found.token, "/members": found.members, "/columns": found.all_columns,
            "/columns/1/results": found.column_results, "/columns/1/scores": found.scores}
        a_course(tmp_path)
        with (tmp_path / "grader.toml").open("a") as toml:
            toml.write(f'[door.lti]\nissuer = "{server.url}"\nclient_id = "door"\n'
                       f'deployments = ["d"]\nauthorize = "{server.url}/authorize"\n'
                       f'token = "{server.url}/token"\nkeys = "{server.url}/keys"\n')
        (tmp_path / "people.csv").write_text(PEOPLE)
        yield found


def comes(platform: Platform, **services: str) -> None:
    """Somebody of the staff comes in by a link of the platform."""
    with Store(load(platform.root / "grader.toml")) as store:
        store.launches.keep_services(platform.server.url, "c-9", None, services)


def graded(platform: Platform, **scores: float) -> None:
    with Store(load(platform.root / "grader.toml")) as store:
        run = store.begin("correlation", "test")
        for student, score in scores.items():
            store.add(run, a_result(student, score))
        store.finish(run)


def people(platform: Platform) -> dict[str, dict[str, str]]:
    with (platform.root / "people.csv").open() as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def test_the_platforms_students_are_taken_over_and_roles_are_not(platform: Platform) -> None:
    said = platform.autograder("lti", "roster", status=ExitStatus.MISTAKE)
    assert "come in by a link of it once" in said
    comes(platform, names=f"{platform.server.url}/members")
    said = platform.autograder("lti", "roster", status=ExitStatus.ATTENTION)
    assert "no longer in" in said and "dan" in said  # and 'Ann Lee' has another name
    found = people(platform)
    assert list(found) == ["ann", "bob", "carol", "dan", "eve"]
    assert {id: (row["lti"], row["role"]) for id, row in found.items()} == {
        "ann": ("a-1", "student"), "bob": ("b-7", "student"), "carol": ("c-1", "staff"),
        "dan": ("", "student"), "eve": ("e-1", "student")}
    assert (found["bob"]["sis_id"], found["ann"]["name"]) == ("1002", "Ann Lee-New")


def test_who_has_somebodys_address_at_the_platform_is_not_taken_for_them(
    platform: Platform
) -> None:
    """Or else they would come in as that person: there, people may choose their addresses."""
    def member(id: str, email: str) -> dict[str, Any]:
        return {"user_id": id, "email": email, "roles": [LEARNER]}

    comes(platform, names=f"{platform.server.url}/members")
    with Store(load(platform.root / "grader.toml")) as store:
        store.launches.keep(platform.server.url, "dan", "d-1")
    (platform.root / "people.csv").write_text(PEOPLE.replace("Dan Od,,", "Dan Od,d@uni.example,"))
    platform.server.answers["/members"] = {"members": [
        member("e-1", "ann@uni.example"),  # who is a-1
        member("e-2", "c@uni.example"),  # who is of the staff
        member("e-3", "d@uni.example"),  # who came as d-1
        member("b-7", "bob@uni.example")]}  # the control
    said = platform.autograder("lti", "roster", status=ExitStatus.ATTENTION)
    assert "course c-9: 1 person" in said
    for id, sub in ("ann", "e-1"), ("carol", "e-2"), ("dan", "e-3"):
        assert f"{id}: '{sub}' of the platform has the same address" in said
    assert {id: row["lti"] for id, row in people(platform).items()} == {
        "ann": "a-1", "bob": "b-7", "carol": "", "dan": ""}


def test_of_another_course_than_grader_toml_names_nothing_is_taken(platform: Platform) -> None:
    comes(platform, names=f"{platform.server.url}/members")
    toml = platform.root / "grader.toml"
    toml.write_text(toml.read_text() + 'context = "c-10"\n')
    said = platform.autograder("lti", "roster", status=ExitStatus.MISTAKE)
    assert "come in by a link of it once" in said and platform.server.asked == []


def test_a_platform_elsewhere_has_no_service_of_this_machine_asked(platform: Platform) -> None:
    toml = platform.root / "grader.toml"
    toml.write_text(toml.read_text().replace(f'issuer = "{platform.server.url}"',
                                             'issuer = "https://lms.example"'))
    with Store(load(toml)) as store:
        store.launches.keep_services("https://lms.example", "c-9", None, {
            "names": f"{platform.server.url}/members"})
    said = platform.autograder("lti", "roster", status=ExitStatus.MISTAKE)
    assert "https://lms.example: leads to http://127.0.0.1" in said
    assert platform.server.asked == []


def test_scores_are_sent_and_what_a_person_entered_stays(platform: Platform) -> None:
    graded(platform, ann=3.0, bob=2.0)
    assert "come in by a link" in platform.autograder(
        "lti", "scores", "correlation", status=ExitStatus.MISTAKE)
    comes(platform, columns=f"{platform.server.url}/columns")
    with Store(load(platform.root / "grader.toml")) as store:
        store.launches.keep(platform.server.url, "bob", "b-7")  # who came in by a link
    assert "Sent: 2 of 2" in platform.autograder("lti", "scores", "correlation")
    assert platform.results == {"a-1": 75.0, "b-7": 50.0}
    [column] = platform.columns
    assert (column["label"], column["resourceId"], column["scoreMaximum"]) == (
        "Cross-correlation", "correlation", 4.0)
    posted = len(platform.server.asked_for("/columns/1/scores"))
    platform.autograder("lti", "scores", "correlation")
    assert len(platform.server.asked_for("/columns/1/scores")) == posted  # they stand there
    assert len(platform.columns) == 1

    graded(platform, ann=4.0, bob=4.0)
    platform.results["a-1"] = 90.0  # somebody of the staff
    said = platform.autograder("lti", "scores", "correlation", status=ExitStatus.ATTENTION)
    assert "ann: 3.60 stands there, which a person entered" in said
    assert platform.results == {"a-1": 90.0, "b-7": 100.0}
    platform.autograder("lti", "scores", "correlation", "--overwrite")
    assert platform.results == {"a-1": 100.0, "b-7": 100.0}


def test_whose_score_does_not_arrive_is_told(platform: Platform) -> None:
    graded(platform, ann=3.0, bob=2.0, dan=1.0)
    comes(platform, columns=f"{platform.server.url}/columns")
    with Store(load(platform.root / "grader.toml")) as store:
        store.launches.keep(platform.server.url, "dan", "d-1")
    said = platform.autograder("lti", "scores", "correlation", status=ExitStatus.ATTENTION)
    assert "bob: the platform's id is not known" in said
    assert "dan: not sent: 127.0.0.1: refuses, with HTTP status 422" in said
    with Store(load(platform.root / "grader.toml")) as store:
        assert store.written.of("lti", "correlation") == {"ann": "3.00"}


def test_the_token_is_shown_at_the_platforms_place_only(platform: Platform) -> None:
    course = load(platform.root / "grader.toml")
    assert course.door.lti is not None
    asked = PlatformCourse(course.door.lti, tool_key(course))
    here = f"{platform.server.url}/members"
    assert len(list(asked.members(here))) == 7  # the control
    with elsewhere() as other:
        platform.server.answers["/members"] = (
            {"members": []}, {"link": f'<{other.url}/more>; rel="next"'})
        with pytest.raises(ProviderError, match="goes on elsewhere"):
            list(asked.members(here))
        assert other.asked == []


def test_the_key_is_its_owners_alone_and_stays(platform: Platform) -> None:
    course = load(platform.root / "grader.toml")
    first = public_keys(course)
    [file] = (platform.root / "kept").glob("lti-key.pem")
    assert file.stat().st_mode & 0o077 == 0
    began = time.monotonic()
    for _ in range(20):  # anybody may ask: to check it each time takes a tenth of a second
        assert public_keys(course) == first
    assert time.monotonic() - began < 0.8
    platform.autograder("lti", "scores", "correlation", status=ExitStatus.MISTAKE)
    file.write_text("no key")
    graded(platform, ann=1.0)
    comes(platform, columns=f"{platform.server.url}/columns")
    assert "not an RSA key in PEM" in platform.autograder(
        "lti", "scores", "correlation", status=ExitStatus.MISTAKE)
