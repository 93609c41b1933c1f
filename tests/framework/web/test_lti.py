"""Launches from a learning platform, which is a server of the tests with keys of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import a_door, visitor
from elsewhere import elsewhere
from joserfc.jwk import KeySet, RSAKey
from launches import LTI, OTHER_SITE, PEOPLE, ROLE, Course, of_lti

GRADES = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NAMES = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    with elsewhere() as platform, a_door(tmp_path_factory.mktemp("course"), people=PEOPLE,
                                         more=of_lti(platform)) as door:
        yield Course(door, platform)


def test_a_link_of_the_platform_leads_to_its_assignment(course: Course) -> None:
    client = visitor(course.door)
    asks = course.begun(client)
    assert {name: asks[name] for name in (
        "scope", "response_type", "response_mode", "prompt", "client_id", "login_hint",
        "lti_message_hint", "redirect_uri")} == {
        "scope": "openid", "response_type": "id_token", "response_mode": "form_post",
        "prompt": "none", "client_id": "door", "login_hint": "h-1", "lti_message_hint": "m-1",
        "redirect_uri": f"{course.door.url}/lti/launch"}
    answer = course.launched(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/assignments/correlation")
    assert "Ann Lee" in client.get("/assignments/correlation").text
    by_parameter = course.launched(visitor(course.door), **{
        f"{LTI}target_link_uri": f"{course.door.url}/lti/launch",
        f"{LTI}custom": {"assignment": "correlation"}})
    assert by_parameter.headers["location"] == "/assignments/correlation"
    for other in ({"assignment": "nothing"}, {"assignment": ["correlation"]}, "correlation"):
        answer = course.launched(visitor(course.door), **{
            f"{LTI}target_link_uri": f"{course.door.url}/", f"{LTI}custom": other})
        assert answer.headers["location"] == "/"


def test_platforms_may_ask_by_an_address_too(course: Course) -> None:
    answer = visitor(course.door).get("/lti/login", params={
        "iss": course.platform.url, "login_hint": "h", "target_link_uri": course.door.url})
    assert answer.status_code == 303


@pytest.mark.parametrize("wrong", [
    {"iss": "https://other.example"}, {"client_id": "other"}, {"login_hint": ""}])
def test_another_platform_is_not_asked_who_somebody_is(
    wrong: dict[str, str], course: Course
) -> None:
    said = {"iss": course.platform.url, "login_hint": "h", "client_id": "door"}
    assert visitor(course.door).post("/lti/login", data=said).status_code == 303  # the control
    answer = visitor(course.door).post("/lti/login", data=said | wrong)
    assert answer.status_code == 401 and "location" not in answer.headers


@pytest.mark.parametrize("wrong", [
    {"nonce": "another"}, {"nonce": None}, {"aud": "other"}, {"aud": ["door", "other"]},
    {"aud": ["door"], "azp": "other"}, {"iss": "https://other.example"}, {"exp": 1},
    {"exp": None}, {f"{LTI}deployment_id": "d-2"}, {f"{LTI}deployment_id": None},
    {f"{LTI}message_type": "LtiSubmissionReviewRequest"}, {f"{LTI}message_type": None},
    {f"{LTI}version": "1.1"}, {f"{LTI}version": None}, {f"{LTI}resource_link": None},
    {f"{LTI}resource_link": {"id": ""}}, {f"{LTI}roles": None}, {f"{LTI}roles": "Learner"},
    {f"{LTI}target_link_uri": "https://other.example/assignments/correlation"},
    {f"{LTI}target_link_uri": "http://[x"}, {f"{LTI}target_link_uri": None},
    {"sub": None}, {"sub": ""}, {"sub": 5}])
def test_what_is_no_launch_of_this_courses_platform_lets_nobody_in(
    wrong: dict[str, Any], course: Course
) -> None:
    client = visitor(course.door)
    answer = course.launched(client, **wrong)
    assert answer.status_code == 401 and "session" not in client.cookies
    assert course.launched(client).status_code == 303  # the control


def test_a_launch_is_signed_by_the_platform_and_counts_once(course: Course) -> None:
    client, other = visitor(course.door), visitor(course.door)
    assert course.launched(client, RSAKey.generate_key(2048)).status_code == 401
    asks = course.begun(client)
    token = course.platform.signed(course.says(asks["nonce"]))
    theirs = course.begun(other)
    for state in (asks["state"], theirs["state"], ""):  # in another's browser
        assert course.posted(other, state, token).status_code == 401
    assert course.posted(client, "x", token).status_code == 401
    assert course.posted(client, asks["state"], token).status_code == 303  # the control
    client.post("/leave")
    assert course.posted(client, asks["state"], token).status_code == 401  # "send again"
    assert client.get("/").status_code == 401


@pytest.mark.parametrize(("claims", "who"), [
    ({"sub": "b-7"}, "Bob Ray"),  # by its own id, whatever address it says
    ({"sub": "a-1", f"{LTI}lis": {"person_sourcedid": "1001"}, "email": None}, "Ann Lee"),
    ({"sub": "a-1", "email": "ANN@uni.example"}, "Ann Lee"),
    ({"sub": "new", "email": "bob@uni.example"}, None),  # who has another id there
    ({"sub": "new", "email": "eve@uni.example"}, None), ({"sub": "new", "email": None}, None),
    ({"sub": "new", f"{LTI}lis": {"person_sourcedid": "1002"}}, None),  # two people's
    ({"sub": "B-7", "email": None}, None),
    ({"sub": "new", "email_verified": False}, None)])
def test_whom_a_launch_means(claims: dict[str, Any], who: str | None, course: Course) -> None:
    client = visitor(course.door)
    answer = course.launched(client, **claims)
    assert answer.status_code == (303 if who else 401)
    assert who is None or who in client.get("/").text


def test_a_course_may_know_people_by_the_platforms_id_alone(tmp_path: Path) -> None:
    with elsewhere() as platform, a_door(tmp_path, people=PEOPLE, more=of_lti(platform)
                                         + 'columns = ["lti"]\n') as door:
        course = Course(door, platform)
        assert course.launched(visitor(door)).status_code == 401
        assert course.launched(visitor(door), sub="b-7").status_code == 303


def test_who_is_staff_says_the_table_of_people(course: Course) -> None:
    roles = [f"http://purl.imsglobal.org/vocab/lis/v2/{role}"
             for role in ("membership#Instructor", "institution/person#Administrator")]
    ann, carol = visitor(course.door), visitor(course.door)
    course.launched(ann, **{f"{LTI}roles": roles})
    course.launched(carol, sub="c-1")
    assert ann.get("/staff").status_code == 403
    assert carol.get("/staff").status_code == 200


def test_where_scores_go_says_a_link_of_staffs_only(course: Course) -> None:
    """Or else somebody who teaches another course on the same platform would have the scores."""
    said = course.door.opened.store.launches

    def services(name: str) -> dict[str, Any]:
        return {GRADES: {"lineitem": f"https://lms.example/{name}/1", "scope": [],
                         "lineitems": f"https://lms.example/{name}"},
                NAMES: {"context_memberships_url": f"https://lms.example/{name}/members"}}

    assert course.launched(visitor(course.door), **services("evil")).status_code == 303
    place = course.platform.url
    assert said.service(place, "columns") is None
    course.launched(visitor(course.door), sub="c-1", **services("course"))
    assert [said.service(place, kind, name) for kind, name in (
        ("names", ""), ("column", "correlation"), ("columns", ""))] == [
        "https://lms.example/course/members", "https://lms.example/course/1",
        "https://lms.example/course"]
    assert said.ids(place)["ann"] == "a-1"


def test_staff_who_are_led_to_another_courses_link_lead_no_scores_there(
    tmp_path: Path
) -> None:
    """Who teaches another course on the platform sends somebody of the staff there, or has their
    browser go: the platform signs that, and it is them."""
    def link(of: str) -> dict[str, Any]:
        return {"sub": "c-1", f"{LTI}context": {"id": of}, GRADES: {
            "lineitem": f"https://lms.example/{of}/1", "lineitems": f"https://lms.example/{of}"},
            NAMES: {"context_memberships_url": f"https://lms.example/{of}/members"}}

    with elsewhere() as platform, a_door(tmp_path, people=PEOPLE, more=of_lti(platform)) as door:
        course = Course(door, platform)

        def places() -> set[str | None]:
            launches = door.opened.store.launches
            return {launches.service(platform.url, kind, name) for kind, name in (
                ("names", ""), ("column", "correlation"), ("columns", ""))}

        for of in ("evil", "ours"):  # who comes first is taken; later ones are not
            assert course.launched(visitor(door), **link(of)).status_code == 303
            assert all("/evil" in str(place) for place in places())
        toml = tmp_path / "grader.toml"
        toml.write_text(toml.read_text() + 'context = "ours"\n')
        course.launched(visitor(door), **link("evil"))
        elsewhere_too = {f"{LTI}target_link_uri": f"{door.url}/"}  # says nothing of a column
        course.launched(visitor(door), **link("ours") | elsewhere_too)
        assert places() == {"https://lms.example/ours/members", "https://lms.example/ours", None}


def test_who_came_once_is_known_by_the_platforms_id_from_then_on(tmp_path: Path) -> None:
    """Where people choose their addresses, a classmate would come in, and have the scores."""
    with elsewhere() as platform, a_door(tmp_path, people=PEOPLE, more=of_lti(platform)) as door:
        course, said = Course(door, platform), door.opened.store.launches
        assert course.launched(visitor(door), sub="a-1").status_code == 303
        answer = course.launched(visitor(door), sub="e-9")  # with her address
        assert answer.status_code == 401 and "for certain" in answer.text
        assert said.ids(platform.url) == {"ann": "a-1"}
        people = door.place.toml.with_name("people.csv")
        people.write_text(PEOPLE.replace(",b-7", ","))
        answer = course.launched(visitor(door), sub="a-1", email="bob@uni.example")
        assert answer.status_code == 401  # she, with his address
        # What staff write into the table counts: somebody else may have come first.
        people.write_text(PEOPLE.replace("1001,", "1001,a-2"))
        assert course.launched(visitor(door), sub="a-1").status_code == 401
        assert course.launched(visitor(door), sub="a-2").status_code == 303


def test_a_student_who_has_the_address_of_staff_is_not_of_the_staff(tmp_path: Path) -> None:
    people = PEOPLE.replace(",,c-1", ",,")
    with elsewhere() as platform, a_door(tmp_path, people=people, more=of_lti(platform)) as door:
        course, teacher = Course(door, platform), visitor(door)
        said: dict[str, Any] = {"sub": "e-9", "email": "c@uni.example"}
        assert course.launched(visitor(door), **said).status_code == 401
        said[f"{LTI}roles"] = [f"{ROLE}Instructor"]
        assert course.launched(teacher, **said).status_code == 303  # the control
        assert teacher.get("/staff").status_code == 200


def test_the_platform_knows_the_door_by_a_public_key(course: Course) -> None:
    answer = visitor(course.door).get("/lti/keys").json()
    [key] = KeySet.import_key_set(answer).keys
    assert not key.is_private and key.kid
    assert not {"d", "p", "q"} & set(answer["keys"][0])
    assert visitor(course.door).get("/lti/keys").json() == answer


def test_another_site_can_post_nothing_else(course: Course) -> None:
    """The control of what these two addresses are excepted from."""
    client = visitor(course.door)
    course.launched(client)
    assert client.post("/leave", headers=OTHER_SITE).status_code == 403
    assert client.post("/enter", headers=OTHER_SITE, data={"key": "x"}).status_code == 403
