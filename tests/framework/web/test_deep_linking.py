"""Staff choose links for their platform's course, whose platform is a server of the tests with keys
of its own: LTI Deep Linking 2.0."""

from __future__ import annotations

import html
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from browser import api
from bs4 import BeautifulSoup
from doors import a_door, visitor
from elsewhere import Asked, elsewhere
from joserfc import jwt
from joserfc.jwk import KeySet
from launches import LTI, OTHER_SITE, PEOPLE, ROLE, Course, of_lti
from test_door import PHONE, Reader, chromium
from test_log_in_by_browser import certificate

from autograder.identity import deep_linking
from autograder.identity.tool_key import public_keys

__all__ = ["certificate", "chromium"]  # fixtures

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
TWO = """[assignments.second]
title = "Second"
due = 2027-03-01T12:00:00Z
questions = [{ name = "f", title = "f", points = 2 }]
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    root = tmp_path_factory.mktemp("course")
    with elsewhere() as platform, a_door(root, people=PEOPLE, more=TWO + of_lti(platform)) as door:
        yield Course(door, platform)


def requested(back: str, **settings: Any) -> dict[str, Any]:
    """What a platform claims that asks for links."""
    return {
        "sub": "c-1", f"{LTI}roles": [f"{ROLE}Instructor"], f"{LTI}resource_link": None,
        f"{LTI}message_type": "LtiDeepLinkingRequest", f"{LTI}target_link_uri": None,
        f"{DL}deep_linking_settings": {name: value for name, value in {
            "deep_link_return_url": back, "accept_types": ["link", "ltiResourceLink"],
            "accept_multiple": True, "data": "csrf:ä;'\"<",
            "accept_presentation_document_targets": ["iframe", "window"], **settings}.items()
            if value is not None}}


def asked(course: Course, client: httpx.Client, claims: dict[str, Any] | None = None,
          **settings: Any) -> httpx.Response:
    """A launch in which the platform asks for links."""
    return course.launched(client, **requested(
        f"{course.platform.url}/back?id=5;a,b", **settings) | (claims or {}))


def fields(page: httpx.Response) -> dict[str, str]:
    return {str(each["name"]): str(each["value"]) for each in BeautifulSoup(
        page.text, "html.parser").select("form.card input[type=hidden]")}


def told(course: Course, page: httpx.Response) -> dict[str, Any]:
    """What the platform reads, by the key that the door publishes."""
    assert page.status_code == 200, page.text
    keys = KeySet.import_key_set(visitor(course.door).get("/lti/keys").json())
    token = jwt.decode(fields(page)["JWT"], keys, algorithms=["RS256"])
    assert token.header["kid"] == keys.keys[0].kid
    return token.claims


def chosen(course: Course, page: httpx.Response, *names: str) -> httpx.Response:
    assert page.status_code == 200, page.text
    return visitor(course.door).post("/lti/links", data={  # a browser that holds cookies back
        "seal": fields(page)["seal"], "names": list(names)})


def test_staff_choose_assignments_and_the_platform_is_told_by_the_doors_key(course: Course) -> None:
    client = visitor(course.door)
    page = asked(course, client)
    assert course.door.cookie not in client.cookies  # nobody is let in by it
    choices = BeautifulSoup(page.text, "html.parser").select("input[type=checkbox]")
    assert [each["value"] for each in choices] == ["correlation", "second"]
    sent = chosen(course, page, "correlation", "second")
    [form] = BeautifulSoup(sent.text, "html.parser").select("form.card")
    assert form["action"] == f"{course.platform.url}/back?id=5;a,b" and form.select("button")
    said = told(course, sent)
    now = said["iat"]
    assert {name: value for name, value in said.items() if name not in ("iat", "nonce")} == {
        "iss": "door", "aud": [course.platform.url], "exp": now + 300,
        f"{LTI}message_type": "LtiDeepLinkingResponse", f"{LTI}version": "1.3.0",
        f"{LTI}deployment_id": "d-1", f"{DL}data": "csrf:ä;'\"<", f"{DL}content_items": [
            {"type": "ltiResourceLink", "title": title, "custom": {"assignment": name},
             "url": f"{course.door.url}/assignments/{name}", "window": {"targetName": "_blank"},
             "lineItem": {"label": title, "scoreMaximum": most, "resourceId": name}, **more}
            for name, title, most, more in (
                ("correlation", "Cross-correlation", 4, {}),
                ("second", "Second", 2, {
                    "submission": {"endDateTime": "2027-03-01T12:00:00+00:00"}}))]}
    assert told(course, chosen(course, page, "second"))["nonce"] != said["nonce"]
    assert ("carol", "correlation · second · links") in [
        (each.account, each.object) for each in course.door.opened.store.events.all(verb="export")]


def test_a_launch_of_a_link_that_was_chosen_opens_its_assignment(course: Course) -> None:
    [item] = told(course, chosen(course, asked(course, visitor(course.door)), "second"))[
        f"{DL}content_items"]
    for claims in ({f"{LTI}target_link_uri": item["url"]},
                   {f"{LTI}target_link_uri": course.door.url, f"{LTI}custom": item["custom"]}):
        client = visitor(course.door)
        answer = course.launched(client, **claims)
        assert (answer.status_code, answer.headers["location"]) == (303, "/assignments/second")
        assert "Ann Lee" in client.get("/assignments/second").text


def test_a_platform_takes_one_link_or_none_and_no_columns(course: Course) -> None:
    several = chosen(course, asked(course, visitor(course.door)), "second", "second")
    assert len(told(course, several)[f"{DL}content_items"]) == 1
    page = asked(course, visitor(course.door), accept_multiple=None, accept_lineitem=False,
                 data=None)
    assert len(BeautifulSoup(page.text, "html.parser").select("input[type=radio]")) == 2
    assert chosen(course, page, "correlation", "second").status_code == 404
    assert chosen(course, page, "other").status_code == 404
    said = told(course, chosen(course, page, "correlation"))
    assert "lineItem" not in said[f"{DL}content_items"][0] and f"{DL}data" not in said
    assert told(course, chosen(course, page))[f"{DL}content_items"] == []


def test_forms_go_to_the_platform_alone_and_it_alone_may_frame_them(course: Course) -> None:
    page = asked(course, visitor(course.door))
    sent = chosen(course, page, "correlation")

    def policy(answer: httpx.Response) -> dict[str, str]:
        found = (each.strip().partition(" ")
                 for each in answer.headers["content-security-policy"].split(";"))
        return {name: value for name, _, value in found}

    for answer, goes in ((page, "'self'"), (sent, f"{course.platform.url}/back")):
        assert policy(answer)["form-action"] == goes
        assert policy(answer)["frame-ancestors"] == course.platform.url
        assert policy(answer)["default-src"] == "'none'"
    odd = asked(course, visitor(course.door), deep_link_return_url=(
        f"{course.platform.url}/a;b, 'unsafe-inline' *//x"))
    assert policy(chosen(course, odd, "second"))["form-action"] == (
        f"{course.platform.url}/a%3Bb%2C%20%27unsafe-inline%27%20*//x")
    assert policy(visitor(course.door).get("/enter"))["frame-ancestors"] == "'none'"  # the control


@pytest.mark.parametrize(("claims", "status"), [
    ({"sub": "a-1", "email": "ann@uni.example"}, 403),  # whatever role the platform gives her
    ({"sub": "x", "email": "nobody@uni.example"}, 401), ({"nonce": "another"}, 401),
    ({f"{LTI}deployment_id": "d-2"}, 401), ({f"{LTI}version": "1.1"}, 401),
    ({f"{LTI}roles": None}, 401), ({"aud": "other"}, 401), ({"exp": 1}, 401),
    ({f"{LTI}target_link_uri": "https://other.example/"}, 401), ({"sub": ""}, 401),
    ({f"{DL}deep_linking_settings": None}, 401), ({f"{DL}deep_linking_settings": ["x"]}, 401),
    ({f"{LTI}message_type": "LtiResourceLinkRequest"}, 401)])
def test_who_is_not_of_the_staff_or_not_from_this_platform_chooses_nothing(
    claims: dict[str, Any], status: int, course: Course
) -> None:
    client = visitor(course.door)
    answer = asked(course, client, claims)
    assert answer.status_code == status and "seal" not in answer.text
    assert course.door.cookie not in client.cookies
    assert asked(course, client).status_code == 200  # the control


@pytest.mark.parametrize(("settings", "status"), [
    ({"accept_types": ["link", "file", "html"]}, 422), ({"accept_types": []}, 422),
    ({"accept_types": None}, 401), ({"accept_types": "ltiResourceLink"}, 401),
    ({"data": {"a": 1}}, 401), ({"deep_link_return_url": None}, 401),
    ({"deep_link_return_url": "https://evil.example/back"}, 401),
    ({"deep_link_return_url": "http://lms.example/back"}, 401),
    ({"deep_link_return_url": "javascript:alert(1)"}, 401),
    ({"deep_link_return_url": "//127.0.0.1/x"}, 401), ({"deep_link_return_url": "http://[x"}, 401),
    # To browsers the first stroke ends the host; and a policy takes what follows for another place.
    ({"deep_link_return_url": "https://evil.example:443\\ evil.example/"}, 401),
    ({"deep_link_return_url": "https://evil.example:99999/"}, 401),
    ({"deep_link_return_url": "https://evil.example:x/"}, 401), ({"data": "\ud800"}, 401)])
def test_what_a_platform_asks_is_refused_where_it_is_not_its_own_or_not_links(
    settings: dict[str, Any], status: int, course: Course
) -> None:
    answer = asked(course, visitor(course.door), **settings)
    assert answer.status_code == status and "seal" not in answer.text


def test_a_platform_that_people_see_elsewhere_is_named_in_grader_toml(tmp_path: Path) -> None:
    back = "https://kurs.lms.example/courses/1/back"
    with elsewhere() as platform, a_door(tmp_path, people=PEOPLE, more=of_lti(platform)) as door:
        course = Course(door, platform)
        refused = asked(course, visitor(door), deep_link_return_url=back)
        assert refused.status_code == 401 and "pages" in refused.text
        toml = tmp_path / "grader.toml"
        toml.write_text(toml.read_text() + 'pages = "https://kurs.lms.example:443/"\n')
        assert asked(course, visitor(door), deep_link_return_url=back).status_code == 200
        for other in ("https://kurs.lms.example:444/", "https://x@kurs.lms.example/",
                      "https://\u212aurs.lms.example/"):  # whose small letter is k
            assert asked(course, visitor(door), deep_link_return_url=other).status_code == 401


def test_a_page_is_good_for_who_came_for_a_day_and_for_nothing_that_was_changed(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = asked(course, visitor(course.door))
    people = course.door.place.toml.with_name("people.csv")
    before = people.read_text()
    people.write_text(before.replace("c@uni.example,staff", "c@uni.example,student"))
    assert chosen(course, page, "second").status_code == 403
    people.write_text(before)
    assert chosen(course, page, "second").status_code == 200  # the control
    client, seal = visitor(course.door), fields(page)["seal"]
    table = course.door.opened.course.door.lti
    assert table is not None
    other = deep_linking.LinksWanted().sealed(table, deep_linking.LinksAsked(
        deployment="d-1", back="https://evil.example", takes_links=True, takes_several=True,
        takes_columns=True, data=None), "carol")
    head, body, tail = seal.split(".")
    for wrong in (other, f"{head}.{body[:-4]}AAAA.{tail}", f"{head}.{body}.", "x"):
        assert client.post("/lti/links", data={"seal": wrong}).status_code == 401
    assert client.post("/lti/links", data={"seal": seal}, headers={
        "sec-fetch-site": "cross-site"}).status_code == 403
    toml = course.door.place.toml
    said = toml.read_text()
    for now in (said.replace('"d-1"', '"d-2"'), said.replace('"door"', '"another"')):
        toml.write_text(now)  # another deployment, or another platform
        assert chosen(course, page, "second").status_code == 401
    toml.write_text(said)
    assert chosen(course, page, "second").status_code == 200  # the control
    monkeypatch.setattr(deep_linking, "_CHOOSING", -120)
    assert chosen(course, asked(course, visitor(course.door)), "second").status_code == 401


@pytest.mark.parametrize("has_javascript", [True, False])
def test_a_browser_chooses_in_a_frame_of_the_platforms_and_brings_the_links_back(
    has_javascript: bool, chromium: api.Browser, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    with elsewhere() as platform:
        seen = platform.url.replace("127.0.0.1", "localhost")  # another site than the door's
        with a_door(tmp_path, people=PEOPLE, certificate=certificate,
                    more=f'{of_lti(platform)}pages = "{seen}"\n') as door:
            course, came = Course(door, platform), list[Asked]()

            def shown(content: str) -> Any:
                return content.encode(), {"content-type": "text/html"}

            def posting(button: str, place: str, fields: dict[str, str]) -> Any:
                inputs = "".join(f'<input name="{name}" value="{html.escape(value)}">'
                                 for name, value in fields.items())
                return shown(f'<form method="post" action="{place}">{inputs}<button>{button}')

            def authorize(asked: Asked) -> Any:
                said = {name: values[0] for name, values in parse_qs(
                    urlsplit(asked.path).query).items()}
                return posting("With who it is", said["redirect_uri"], {
                    "state": said["state"], "id_token": platform.signed(course.says(
                        said["nonce"], **requested(f"{seen}/back?id=1")))})

            def back(asked: Asked) -> Any:
                came.append(asked)
                return shown("<p>Thanks</p>")

            platform.answers |= {
                "/authorize": authorize, "/back": back, "/outer": shown('<iframe src="/course">'),
                "/course": posting("To log in", f"{door.url}/lti/login", {
                    "iss": platform.url, "login_hint": "h"})}
            context = chromium.new_context(
                ignore_https_errors=True, java_script_enabled=has_javascript,
                viewport={"width": PHONE, "height": 740})
            tab = context.new_page()
            tab.goto(f"{seen}/outer")
            frame = tab.frame_locator("iframe")
            for button in ("To log in", "With who it is"):
                frame.get_by_role("button", name=button).click()
            frame.get_by_label("Cross-correlation").check()
            frame.get_by_role("button", name="Send to the platform").click()
            if not has_javascript:
                frame.get_by_role("button", name="Go on to the platform").click()
            frame.get_by_text("Thanks").wait_for()
            context.close()
            [sent] = came
            keys = KeySet.import_key_set(public_keys(door.opened.course))
            said = jwt.decode(sent.form["JWT"], keys, algorithms=["RS256"]).claims
            assert [each["url"] for each in said[f"{DL}content_items"]] == [
                f"{door.url}/assignments/correlation"]


def fulfilled(content: str, route: Any) -> None:
    route.fulfill(body=content, content_type="text/html")


@pytest.mark.wcag("1.4.10")
def test_the_page_to_choose_on_can_be_read(course: Course, chromium: api.Browser) -> None:
    page = asked(course, visitor(course.door))
    reader = Reader(chromium, course.door, f"{course.door.url}/enter",
                    viewport={"width": PHONE, "height": 740})
    for answer in (page, chosen(course, page, "second")):
        content = answer.text.replace(" defer></script>", "></script>").replace(
            "data-sends", "")
        reader.page.route("**/lti/shown", partial(fulfilled, content))
        reader.goes_to("/lti/shown")
        reader.reads_well(PHONE)
        reader.page.unroute("**/lti/shown")
    reader.leave()


def test_a_refusal_is_read_in_the_platforms_frame_and_has_nothing_to_click_on(
    course: Course
) -> None:
    """Whatever is refused of what comes by a platform: no page of anybody's is in its frame."""
    client = visitor(course.door)
    own = f"frame-ancestors {course.platform.url}"
    refused = [
        client.post("/lti/login", headers=OTHER_SITE, data={"iss": "https://other.example"}),
        client.get("/lti/login"), client.get("/lti/launch"),
        course.posted(client, "no state", "no token"),
        client.post("/lti/launch", headers=OTHER_SITE, json={}),  # before any endpoint
        course.launched(visitor(course.door, "ann"), sub="nobody", email="x@uni.example"),
        asked(course, visitor(course.door), {"sub": "a-1"}),  # a student, who chooses no links
        asked(course, visitor(course.door), accept_types=["file"]),
        asked(course, visitor(course.door), deep_link_return_url="https://other.example/"),
        client.post("/lti/links", data={"seal": "x"}), client.post("/lti/links"),
    ]
    for each in refused:
        assert each.status_code >= 400
        assert each.headers["content-security-policy"].endswith(own), each.url
        page = BeautifulSoup(each.text, "html.parser")
        assert [str(link["href"]) for link in page.select("a")] == ["#main"], each.url
        assert not page.select("form, button, script") and "Ann Lee" not in each.text
        assert "learning platform" in page.select("main")[0].text
    for path in ("/", "/nothing", "/enter"):  # the control
        answer = visitor(course.door).get(path)
        assert answer.headers["content-security-policy"].endswith("frame-ancestors 'none'")
