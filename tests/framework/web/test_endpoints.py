"""Who may ask what of the door: every endpoint there is, tried by everybody who may not."""

from __future__ import annotations

import ast
import logging
import re
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup
from databases import a_result, connected, server
from doors import a_door, feedback_zip, graded, hand_in, translated, visitor
from fastapi.routing import APIRoute
from hand_ins import ADA, BOB
from sqlalchemy import text as sql

import autograder.web
from autograder.course.roster import Roster
from autograder.gradebook import Adjustment, Whom
from autograder.intake.erasing import forget
from autograder.report.requests import thread
from autograder.result import SubmissionRecord
from autograder.store import waiting
from autograder.store.keys import KeyKind, KeyScope
from autograder.web import patience
from autograder.web.app import PARTS
from autograder.web.asking import Anybody, Member
from autograder.web.door import Door
from autograder.web.endpoint import Endpoints, Unguarded

__all__ = ["server"]  # fixture

OPEN = {"/enter", "/leave", "/login", "/login/back", "/lti/login", "/lti/launch", "/lti/links",
        "/lti/keys", "/healthz", "/readyz", "/metrics", "/static/style.css", "/api/openapi.json"}
FORMS: dict[str, dict[str, str]] = {
    "/assignments/{name}/requests": {"words": "look"}, "/requests/{number}": {"words": "well"},
    "/staff/requests/{number}/close": {"outcome": "no"},
    "/staff/people/{student}/extensions": {
        "name": "correlation", "until": "2027-01-01T12:00", "why": "ill"},
    "/staff/people/{student}/adjustments": {
        "name": "correlation", "kind": "add", "points": "0.5", "why": "our text was unclear"},
    "/staff/decisions/{kind}/{number}/revoke": {"why": "a mistake"},
    "/staff/texts/{name}/{question}/{student}": {"digest": "of another text"},
    "/staff/assignments/{name}/waivers": {
        "question": "corr2d", "check": "test_all", "why": "nobody was told"},
    "/staff/assignments/{name}/regrade": {"why": "a check was wrong"},
    "/staff/assignments/{name}/feedback": {"platform": "folder"},
    "/staff/assignments/{name}/feedback/{job}/drop": {"now": "yes"}}


CANVAS = """Student,ID,SIS User ID,Cross-correlation (7)
Points Possible,,,4.00
"Lee, Ann",11,ann,
"Ray, Bob",12,bob,2.50
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    url = None if request.param == "sqlite" else request.getfixturevalue("server").new()
    (tmp_path / "secret").write_text("a secret of the tests, 32 bytes!")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_SECRET", "a secret of the tests, 32 bytes!")
        with a_door(tmp_path, url) as door:
            yield door


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Door]:
    with a_door(tmp_path) as door:
        yield door


def routes() -> list[tuple[str, str]]:
    """Every endpoint: method and path."""
    return [(method, route.path) for part in PARTS for route in part.endpoints.routes
            if isinstance(route, APIRoute) for method in route.methods if method != "HEAD"]


def of_ann(door: Door) -> dict[str, str]:
    """What paths need to name things of Ann's, which are there."""
    ann = visitor(door, "ann")
    number = hand_in(ann)
    arrival = door.opened.store.arrivals.find(number)
    assert arrival is not None
    graded(door.opened.course, door.opened.store, arrival)
    request = door.opened.store.requests.open("ann", "correlation", "corr2d", "look")
    assert number == request == 1
    return {"number": "1", "name": "correlation", "student": "ann", "place": "0",
            "question": "why", "kind": "waiver", "digest": arrival.digest,
            "job": feedback_zip(door)}


def ask(client: Any, method: str, path: str, of: dict[str, str]) -> Any:
    filled = path.format(**of)
    if method == "GET":
        return client.get(filled)
    if path in FORMS or path in ("/enter", "/leave"):
        return client.post(filled, data=FORMS.get(path, {}))
    if path.endswith("/tables"):
        return client.post(filled, data={"platform": "canvas"},
                           files=[("table", ("grades.csv", CANVAS))])
    return client.post(filled, files=[("files", ("correlation.ipynb", BOB))])


def test_nobody_and_nobody_else_reaches_anything(door: Door) -> None:
    """Generated from the routes: a new endpoint is tried without a word here."""
    of, found = of_ann(door), routes()
    assert len(found) > 20
    nobody, bob, ann, carol = visitor(door), visitor(door, "bob"), visitor(door, "ann"), \
        visitor(door, "carol")
    allowed = set()
    for method, path in found:
        if path in OPEN:
            continue
        assert ask(nobody, method, path, of).status_code == 401, (method, path)
        is_staffs = "/staff" in path or "/kept/" in path  # what graders of other machines ask for
        if is_staffs:
            assert ask(bob, method, path, of).status_code in (403, 404), path
            assert ask(ann, method, path, of).status_code == 403, path
        elif "{number}" in path:
            answer = ask(bob, method, path, of)
            assert answer.status_code == 404, (method, path)
            assert "Ann" not in answer.text
        own = carol if is_staffs else ann
        assert ask(own, method, path, of).status_code in (200, 201, 303, 409), (method, path)
        allowed.add(path)
    assert {"/handins/{number}/files/{place}", "/staff/people/{student}", "/requests/{number}",
            "/api/handins/{number}/result", "/assignments/{name}"} <= allowed


def test_a_router_takes_no_endpoint_that_does_not_say_who_may_call_it() -> None:
    endpoints = Endpoints()

    def unguarded(number: int) -> str:
        return ""

    def reading(asks: Anybody) -> str:
        return ""

    with pytest.raises(Unguarded, match="unguarded: its first argument"):
        endpoints.get("/x")(unguarded)
    endpoints.get("/x")(reading)


def test_what_only_reads_may_not_be_asked_to_change(plain: Door) -> None:
    def change(asks: Member) -> str:
        return ""

    with pytest.raises(Unguarded, match="for changes"):
        Endpoints().post("/x")(change)


def test_a_link_lets_in_once_and_a_session_can_be_ended(door: Door) -> None:
    key = door.opened.store.keys.make(KeyKind.LINK, "ann", timedelta(hours=1))
    client = visitor(door)
    assert key in client.get(f"/enter?key={key}").text  # looking uses nothing up
    entered = client.post("/enter", data={"key": key})
    assert entered.status_code == 303
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and key not in cookie
    assert client.get("/").status_code == 200
    assert visitor(door).post("/enter", data={"key": key}).status_code == 401
    [session] = [each for each in door.opened.store.keys.all() if each.kind is KeyKind.SESSION]
    door.opened.store.keys.revoke(session.number)
    assert client.get("/").status_code == 401
    with door.opened.store._database.session() as rows:
        from autograder.store.tables import KeyRow
        assert key not in str([vars(row) for row in rows.query(KeyRow)])


def test_a_link_that_was_used_leads_on_whom_it_let_in_and_nobody_else(plain: Door) -> None:
    """Who is logged in is not told that they are not."""
    key = plain.opened.store.keys.make(KeyKind.LINK, "ann", timedelta(hours=1))
    ann = visitor(plain)
    ann.post("/enter", data={"key": key})
    for again in (ann.get(f"/enter?key={key}%20"), ann.post("/enter", data={"key": key})):
        assert (again.status_code, again.headers.get("location")) == (303, "/")
    assert ann.get("/").status_code == 200
    for other in (visitor(plain, "bob"), visitor(plain)):
        for again in (other.get(f"/enter?key={key}"), other.post("/enter", data={"key": key})):
            assert again.status_code == 401 and "You are not logged in" not in again.text
            assert "This link was used already" in again.text
    unknown = ann.get("/enter?key=letters")
    assert unknown.status_code == 401 and "This lets nobody in" in unknown.text
    assert ann.get("/enter").status_code == 200
    ann.post("/leave")
    assert ann.get(f"/enter?key={key}").status_code == 401


def test_a_key_opens_only_what_it_is_for(plain: Door) -> None:
    keys = plain.opened.store.keys
    link, gone = (keys.make(kind, "ann", lasts) for kind, lasts in (
        (KeyKind.LINK, timedelta(hours=1)), (KeyKind.SESSION, timedelta(seconds=-1))))
    token = keys.make(KeyKind.TOKEN, "ann", timedelta(hours=1))
    for wrong in (link, gone, token, "", "x" * 5000):
        client = visitor(plain)
        client.cookies.set(plain.cookie, wrong)
        assert client.get("/").status_code == 401
    client = visitor(plain)
    client.headers["authorization"] = f"Bearer {link}"
    assert client.get("/api/assignments").status_code == 401


def test_a_token_does_what_its_scope_says(plain: Door) -> None:
    of = of_ann(plain)
    statuses = {}
    for scope in KeyScope:
        client = visitor(plain, "ann", scope=scope)
        statuses[scope] = [client.get("/api/handins/1").status_code, *(
            ask(client, "POST", path, of).status_code
            for path in ("/api/assignments/{name}/handins", "/assignments/{name}/requests"))]
    assert statuses == {KeyScope.READ: [200, 403, 403], KeyScope.SUBMIT: [200, 201, 403],
                        KeyScope.ALL: [200, 201, 303]}


def test_a_program_is_told_what_it_lacks(plain: Door) -> None:
    """Where no page stands before it, no word of pages, links and the staff's own."""
    def refused(client: Any, name: str = "correlation", field: str = "files"
                ) -> tuple[str, str]:
        said = client.post(f"/api/assignments/{name}/handins",
                           files=[(field, ("correlation.ipynb", ADA))]).json()
        return said["kind"], said["reason"]

    reader, ann, nobody = visitor(plain, "ann", scope=KeyScope.READ), \
        visitor(plain, "ann", scope=KeyScope.SUBMIT), visitor(plain)
    kind, reason = refused(reader)
    assert kind == "scope" and "`read`" in reason
    assert "`submit`" in ann.post("/assignments/correlation/requests", data={"words": "x"}
                                  ).text.replace("<code>", "`").replace("</code>", "`")
    assert "`correlation`" not in refused(ann, "corelation")[1]
    assert "`corelation`; there are: correlation" in refused(ann, "corelation")[1]
    assert refused(ann, field="file") == (
        "invalid", "These parts of the request are missing, or not as they have to be: files.")
    assert "page" not in ann.get("/api/handins/77").json()["reason"]
    nobody.headers["authorization"] = "Bearer revoked"
    for each in (nobody, visitor(plain)):
        assert refused(each)[0] == "nobody" and "token" in refused(each)[1]
    assert "Open the link" in visitor(plain).get("/").text


def test_who_leaves_the_course_is_not_let_in_any_more(plain: Door, tmp_path: Path) -> None:
    ann, carol = visitor(plain, "ann"), visitor(plain, "carol")
    assert ann.get("/").status_code == 200 and carol.get("/staff").status_code == 200
    (tmp_path / "people.csv").write_text("id,name,role\nbob,Bob Ray,student\ncarol,C,student\n")
    assert ann.get("/").status_code == 401 and carol.get("/staff").status_code == 403


def test_a_key_that_waits_is_remembered_until_one_ends_and_for_nothing_else(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, look = door.opened.store, f"/api/handins/{hand_in(visitor(door, 'ann'))}"
    ann, bob, stranger = visitor(door, "ann"), visitor(door, "bob"), visitor(door)
    with monkeypatch.context() as patch:
        patch.setattr(store.keys, "find", refusing := Mock(side_effect=store.keys.find))
        assert [ann.get(look).json()["before"] for _ in range(3)] == [0, 0, 0]
        assert refusing.call_count == 1  # the others were answered from memory
    stranger.headers["authorization"] = f"Bearer {ann.cookies[door.cookie]}"
    assert bob.get(look).status_code == 404 and stranger.get(look).status_code == 401
    for _ in range(2):
        assert bob.get(look).status_code == 404
    monkeypatch.setattr(waiting, "_FRESH", 0.0)
    [*_, last] = [each for each in store.keys.all() if each.student == "ann"]
    store.keys.revoke(last.number)
    assert ann.get(look).status_code == 401
    assert bob.get("/api/assignments").status_code == 200


def test_a_result_that_was_read_is_told_anew_when_something_is_decided(plain: Door) -> None:
    of_ann(plain)
    ann, carol, root = visitor(plain, "ann"), visitor(plain, "carol"), plain.place.toml.parent
    first = ann.get("/handins/1/result").text
    assert ann.get("/handins/1/result").text == first and "Ann Lee" in first
    assert "Ann Lee" in carol.get("/handins/1/result").text
    assert visitor(plain, "bob").get("/handins/1/result").status_code == 404
    carol.post("/staff/people/ann/adjustments", data={
        "name": "correlation", "kind": "set", "question": "corr2d", "points": "1.25",
        "why": "hers", "comment": "so it is"})
    assert "so it is" not in first and "so it is" in ann.get("/handins/1/result").text
    (root / "people.csv").write_text((root / "people.csv").read_text().replace("Lee", "Leigh"))
    assert "Ann Leigh" in ann.get("/handins/1/result").text
    (root / "grader.toml").write_text(
        (root / "grader.toml").read_text().replace('"Cross-correlation"', '"Sums"'))
    assert "Sums" in ann.get("/handins/1/result").text


def test_nothing_is_remembered_of_who_is_erased(
    plain: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in a page of somebody else's, nor by a key."""
    monkeypatch.setattr(waiting, "_FRESH", 0.0)
    course, store, ann, guest = plain.opened.course, plain.opened.store, visitor(plain, "ann"), \
        visitor(plain)
    arrival = store.arrivals.find(hand_in(ann))
    assert arrival is not None
    guest.cookies.set(plain.cookie, store.keys.make(
        KeyKind.SESSION, "guest", timedelta(hours=1), role="staff"))
    assert [guest.get("/api/handins/1").status_code for _ in range(2)] == [200, 200]
    forget(course, store, "guest", "asked")
    assert guest.get("/api/handins/1").status_code == 401

    graded(course, store, arrival)
    run = store.begin("correlation", "test")
    for student, by in (("zoe-who-left", None), ("ann", "zoe-who-left")):  # the same files again
        store.add(run, a_result(student, submission=SubmissionRecord(
            digest=arrival.digest, submitted_at=arrival.at, team="red", handed_in_by=by)))
    store.finish(run)
    assert "zoe-who-left" in ann.get("/handins/1/result").text
    store.acts.add(Adjustment(assignment="correlation", reason="hers", kind="set", question=None,
                              whom=Whom("person", "zoe-who-left"), points=Decimal("1.5")))
    forget(course, store, "zoe-who-left", "asked")
    assert "zoe-who-left" not in ann.get("/handins/1/result").text
    assert [each.reason for each in store.decisions().adjustments] == ["erased"]
    assert "Nothing was decided by hand" in visitor(plain, "carol").get("/staff/decisions").text


def test_a_result_that_another_version_kept_is_said_to_be_one(plain: Door) -> None:
    arrival = plain.opened.store.arrivals.find(hand_in(ann := visitor(plain, "ann")))
    assert arrival is not None
    graded(plain.opened.course, plain.opened.store, arrival)
    with connected(plain.opened.course) as connection:
        connection.execute(sql("UPDATE results SET record = '{}'"))
    assert "/handins/1/result" in (page := ann.get("/handins/1").text) and "3 / 4" in page
    for place in ("/handins/1/result", "/api/handins/1/result", "/api/handins/1/page"):
        answer = ann.get(place)
        assert answer.status_code == 409 and "Another version" in answer.text, place


@pytest.mark.parametrize(("headers", "status"), [
    ({}, 303), ({"origin": "own"}, 303), ({"sec-fetch-site": "same-origin"}, 303),
    ({"origin": "https://evil.example"}, 403), ({"origin": "null"}, 403),
    ({"sec-fetch-site": "cross-site"}, 403), ({"sec-fetch-site": "same-site"}, 403),
    ({"sec-fetch-site": "cross-site", "origin": "own"}, 403)])
def test_another_site_cannot_hand_in_for_somebody(
    headers: dict[str, str], status: int, plain: Door
) -> None:
    answer = visitor(plain, "ann").post(
        "/assignments/correlation", files=[("files", ("a.ipynb", ADA))],
        headers={name: plain.url if value == "own" else value for name, value in headers.items()})
    assert answer.status_code == status
    assert len(plain.opened.store.arrivals.all()) == (status == 303)


def test_a_name_that_somebody_made_lead_here_is_not_answered(plain: Door) -> None:
    client = visitor(plain, "ann")
    assert client.get("/", headers={"host": "evil.example"}).status_code == 421
    assert client.get("/", headers={"host": "127.0.0.1:1"}).status_code == 200
    assert client.get("/healthz", headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_every_answer_lets_nothing_of_others_load(plain: Door) -> None:
    of = of_ann(plain)
    for who in (None, "ann", "carol"):
        client = visitor(plain, who)
        for method, path in routes():
            if method == "GET":
                answer = ask(client, method, path, of)
                policy = answer.headers["content-security-policy"]
                assert policy.startswith("default-src 'none'") and "unsafe" not in policy
                assert "frame-ancestors 'none'" in policy
                assert answer.headers["x-content-type-options"] == "nosniff"
                # With "no-referrer" a browser says of our own forms that they come from nowhere.
                assert answer.headers["referrer-policy"] == "same-origin"
                assert not re.findall(r"<script>|style=| on\w+=|https?://(?!127)", answer.text) \
                    or path in ("/metrics", "/api/openapi.json"), path


def test_files_are_given_back_to_be_saved_and_never_shown(plain: Door) -> None:
    ann = visitor(plain, "ann")
    number = hand_in(ann, b"<script>alert(1)</script>", 'a"; filename=x.html\r\n.py')
    answer = ann.get(f"/handins/{number}/files/0")
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert re.fullmatch(r"""attachment; filename="[\w. -]+"; filename\*=UTF-8''[\w.%-]+""",
                        answer.headers["content-disposition"])
    assert ann.get(f"/handins/{number}/files/1").status_code == 404


@pytest.mark.parametrize(("name", "header"), [
    ("correlation.ipynb", 'attachment; filename="correlation.ipynb"'),
    ("My Répört 终 (1).ipynb", 'attachment; filename="My R_p_rt _ (1).ipynb"; filename*='
     "UTF-8''My%20R%C3%A9p%C3%B6rt%20%E7%BB%88%20%281%29.ipynb"),
    ("../.profile/x%2f;y='1'.py", "attachment; filename=\"x_2f_y__1_.py\"; filename*="
     "UTF-8''x%252f%3By%3D%271%27.py"),
    ("..\\\u202ec\u00a0.py", 'attachment; filename="c .py"')])
def test_files_are_given_back_by_the_names_that_they_came_by(
    name: str, header: str, plain: Door
) -> None:
    ann = visitor(plain, "ann")
    number = hand_in(ann, ADA, name)
    answer = ann.get(f"/handins/{number}/files/0")
    assert (answer.headers["content-disposition"], answer.content) == (header, ADA)


def test_files_of_one_name_are_all_kept(plain: Door) -> None:
    ann = visitor(plain, "ann")
    came = [("files", (name, ADA + b" " * place)) for place, name in enumerate(
        ["2 a.ipynb", "a.ipynb", "a.ipynb"])]
    number = ann.post("/assignments/correlation", files=came).headers["location"].split("/")[-1]
    kept = {ann.get(f"/handins/{number}/files/{place}").content for place in range(3)}
    assert kept == {content for _, (_, content) in came}


def test_a_refusal_says_why_and_in_which_language(plain: Door) -> None:
    ann, program = visitor(plain, "ann"), visitor(plain, "ann", scope=KeyScope.SUBMIT)
    pdf = [("files", ("essay.pdf", b"%PDF"))]
    assert "essay.pdf is not a notebook" in ann.post("/assignments/correlation", files=pdf).text
    chinese = ann.post("/assignments/correlation", files=pdf, headers={"accept-language": "zh-CN"})
    assert 'lang="zh"' in chinese.text and "is not a notebook" not in chinese.text
    answer = program.post("/api/assignments/correlation/handins", files=pdf)
    assert (answer.status_code, answer.json()["kind"]) == (422, "kind")
    assert program.post("/api/assignments/nothing/handins", files=pdf).status_code == 404


def test_a_result_is_read_in_the_language_that_was_chosen(plain: Door) -> None:
    translated(plain)
    of_ann(plain)
    ann, program = visitor(plain, "ann"), visitor(plain, "ann", scope=KeyScope.READ)

    def first(page: httpx.Response) -> str:
        [chosen] = re.findall(r'id="language-(..)" checked', page.text)
        return chosen

    def spoken(place: str) -> list[str]:
        return re.findall(r'class="edition" lang="(..)"', ann.get(place).text)

    # A page that stands alone, to be shown below a cell, holds every language; one of the door's
    # is in the reader's, leads to the others, and what was chosen there holds from then on.
    assert spoken("/handins/1/result") == ["en"]
    assert 'href="?language=zh"' in ann.get("/handins/1/result").text
    assert spoken("/handins/1/result?language=zh") == spoken("/handins/1/result") == ["zh"]
    ann.get("/?language=en")
    assert spoken("/handins/1/result") == ["en"]
    for code, titles in (("en", ["Cross-correlation", "Why?", "the idea"]),
                         ("zh-CN", ["互相关", "为什么？", "想法"])):
        accepts = {"accept-language": code}
        assert first(program.get("/api/handins/1/page", headers=accepts)) == code[:2]
        result = program.get("/api/handins/1/result", headers=accepts).json()
        [corr2d, why] = result["questions"]
        assert [corr2d["title"], why["title"], why["rubric"][0]["text"]] == titles
        [offered] = program.get("/api/assignments", headers=accepts).json()
        assert offered["title"] == titles[0]


def test_what_is_larger_than_any_hand_in_is_not_read(plain: Door) -> None:
    ann = visitor(plain, "ann")
    place = urlsplit(plain.url)
    with socket.create_connection((place.hostname, place.port)) as raw:
        raw.sendall(b"POST /assignments/correlation HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    b"Content-Length: 1000000000000\r\n\r\n")
        assert raw.recv(64).startswith(b"HTTP/1.1 413")

    def endless() -> Iterator[bytes]:  # says no length
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.ipynb"\r\n\r\n'
        for _ in range(66):
            yield bytes(2**20)

    answer = ann.post("/assignments/correlation", content=endless(), headers={
        "content-type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 413
    assert plain.opened.store.arrivals.all() == []
    assert visitor(plain).post("/enter", data={"key": "x" * 2**17}).status_code == 413


def test_of_nobody_no_file_is_taken_in(plain: Door) -> None:
    place = urlsplit(plain.url)
    for path in (b"/assignments/correlation", b"/api/assignments/correlation/handins"):
        with socket.create_connection((place.hostname, place.port)) as raw:
            raw.sendall(b"POST " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                        b"Content-Length: 60000000\r\n\r\n")  # and not a byte of them
            assert raw.recv(64).startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize(("kind", "status"), [
    ("application/x-www-form-urlencoded", 401),  # the control: the body is read
    ("application/x-www-form-urlencoded; charset=utf-8", 401),
    ("multipart/form-data; boundary=b", 401),
    ("multipart/form-data; boundary=b; charset=punycode", 415),
    ("multipart/form-data; charset=punycode; boundary=b", 415), ("text/plain", 415),
    ("application/json", 415)])
def test_a_body_in_a_codec_of_somebodys_choice_is_not_read(
    kind: str, status: int, plain: Door
) -> None:
    """Some take a minute for a megabyte, and nobody is answered meanwhile."""
    body = b"--b\r\nContent-Disposition: form-data; name=key\r\n\r\nnone\r\n--b--\r\n" \
        if kind.startswith("multipart") else b"key=none"
    answer = visitor(plain).post("/enter", content=body, headers={"content-type": kind})
    assert answer.status_code == status


def test_whoever_may_not_hand_in_sends_no_file(plain: Door) -> None:
    place = urlsplit(plain.url)
    reads = visitor(plain, "ann", scope=KeyScope.READ).headers["authorization"]
    hands = visitor(plain, "ann", scope=KeyScope.SUBMIT).headers["authorization"]

    def begun(authorization: str) -> socket.socket:
        raw = socket.create_connection((place.hostname, place.port))
        raw.sendall(b"POST /api/assignments/correlation/handins HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    b"Content-Type: multipart/form-data; boundary=b\r\nAuthorization: "
                    + authorization.encode() + b"\r\nContent-Length: 1000\r\n\r\n")
        return raw

    with begun(reads) as raw:
        assert raw.recv(64).startswith(b"HTTP/1.1 403")
    with ExitStack() as stack:
        coming = [stack.enter_context(begun(hands)) for _ in range(3)]
        [refused], _, _ = select.select(coming, [], [], 30)  # the others are waited for
        assert refused.recv(64).startswith(b"HTTP/1.1 429")


def test_who_asks_for_nothing_does_not_keep_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "HEADERS_SECONDS", 0.2)
    with a_door(tmp_path) as door:
        place = urlsplit(door.url)
        for said in (b"", b"GET / HTTP/1.1\r\nHost: "):
            with socket.create_connection((place.hostname, place.port), timeout=30) as raw:
                raw.sendall(said)
                assert raw.recv(64) == b""
        assert visitor(door).get("/healthz").status_code == 200


def test_a_link_says_whom_it_lets_in_and_ends_who_was_there(plain: Door) -> None:
    key = plain.opened.store.keys.make(KeyKind.LINK, "ann", timedelta(hours=1))
    bob = visitor(plain, "bob")
    before = bob.cookies[plain.cookie]
    assert "Ann Lee" in bob.get(f"/enter?key={key}").text
    assert "Ann Lee" not in bob.get("/enter?key=another").text
    bob.post("/enter", data={"key": key})
    assert plain.opened.store.keys.find(before, KeyKind.SESSION) is None


def test_no_path_makes_a_page_that_leads_elsewhere(plain: Door) -> None:
    place = urlsplit(plain.url)
    with socket.create_connection((place.hostname, place.port)) as raw:
        raw.sendall(b"GET //evil.example/x HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    b"Connection: close\r\n\r\n")
        page = b"".join(iter(lambda: raw.recv(1 << 16), b""))
    assert b'href="/evil.example/x' in page and b'href="//' not in page
    assert visitor(plain, "ann").get("/handins/-" + "9" * 30).status_code == 404


def test_logs_have_no_names_and_no_keys(plain: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    of = of_ann(plain)
    key = plain.opened.store.keys.make(KeyKind.LINK, "ann", timedelta(hours=1))
    visitor(plain).get(f"/enter?key={key}")
    for method, path in routes():
        ask(visitor(plain, "carol"), method, path, of)
    lines = [f"{each.getMessage()} {each.fields}" for each in caplog.records  # type: ignore
             if each.name.startswith("autograder")]
    assert len(lines) > 20
    assert not [line for line in lines if key in line or "ann" in line]


def test_the_course_is_what_grader_toml_says_now(plain: Door, tmp_path: Path) -> None:
    ann, file = visitor(plain, "ann"), tmp_path / "grader.toml"
    file.write_text(file.read_text().replace("Cross-correlation", "Sliding sums"))
    assert "Sliding sums" in ann.get("/").text
    file.write_text("broken")
    assert "Sliding sums" in ann.get("/").text


def test_a_page_says_late_when_what_comes_is(plain: Door, tmp_path: Path) -> None:
    ann, file = visitor(plain, "ann"), tmp_path / "grader.toml"
    whole = file.read_text() + "[late]\ngrace_minutes = 30\n"
    for minutes, is_late in ((-60, False), (10, False), (50, True)):
        due = datetime.now(UTC) - timedelta(minutes=minutes)
        file.write_text(whole.replace(
            "[assignments.correlation]", f"[assignments.correlation]\ndue = {due.isoformat()}"))
        for place in ("/", "/assignments/correlation"):
            assert ("what comes now is late" in ann.get(place).text) is is_late


def test_who_hands_in_late_reads_first_what_counts_then(plain: Door, tmp_path: Path) -> None:
    ann, file = visitor(plain, "ann"), tmp_path / "grader.toml"
    whole = file.read_text()
    of_ann(plain)

    def said(minutes: int, counts: str) -> tuple[bool, bool]:
        due = datetime.now(UTC) - timedelta(minutes=minutes)
        file.write_text(whole.replace("[course]", f'[course]\ncounts = "{counts}"').replace(
            "[assignments.correlation]", f"[assignments.correlation]\ndue = {due.isoformat()}"))
        page = ann.get("/assignments/correlation").text
        return "in the place of what is graded already" in page, "brings the most points" in page

    assert [said(-60, "latest"), said(50, "best"), said(50, "latest")] == [
        (False, False), (False, True), (True, False)]
    assert "in the place of" not in visitor(plain, "bob").get("/assignments/correlation").text


def test_the_desk_decides_as_the_verbs_do(door: Door) -> None:
    of = of_ann(door)
    carol, ann = visitor(door, "carol"), visitor(door, "ann")
    carol.post("/staff/requests/1/close", data={"outcome": "you are right", "add": "0.5"})
    assert carol.post("/staff/requests/1/close", data={"outcome": "no"}).status_code == 409
    book = door.opened.store.book()
    assert float(book.totals("ann")["correlation"].score) == 3.5
    [given] = book.decisions.adjustments
    assert (given.by, given.comment) == ("carol", "you are right")
    assert "3.5 / 4" in ann.get("/assignments/correlation").text
    carol.post("/staff/assignments/correlation/regrade", data={"why": "a check was wrong"})
    assert [each.number for each in door.opened.store.arrivals.queued()] == [1]
    regraded = [each for each in door.opened.store.events.all() if each.verb == "regrade"]
    assert [(each.account, each.student) for each in regraded] == [("carol", "ann")]
    assert of["number"] in ann.get("/handins/1").text


def test_a_due_date_is_told_in_one_zone_however_it_was_given(plain: Door, tmp_path: Path) -> None:
    file, ann = tmp_path / "grader.toml", visitor(plain, "ann", scope=KeyScope.READ)
    whole = file.read_text()
    for zone, due in (('timezone = "Europe/Berlin"', "2030-07-01T12:00:00"),
                      ("", "2030-07-01T12:00:00+02:00")):
        file.write_text(whole.replace("[course]", f"[course]\n{zone}").replace(
            "[assignments.correlation]", f"[assignments.correlation]\ndue = {due}"))
        visitor(plain, "carol").post("/staff/people/bob/extensions", data={
            "name": "correlation", "until": "2030-07-03T12:00+02:00", "why": "ill"})
        for client, day in ((ann, 1), (visitor(plain, "bob", scope=KeyScope.READ), 3)):
            [offered] = client.get("/api/assignments").json()
            assert offered["due"] == f"2030-07-0{day}T12:00:00+02:00"


def test_what_a_request_gave_and_was_taken_back_is_said_there(door: Door) -> None:
    of_ann(door)
    carol, ann, requests = visitor(door, "carol"), visitor(door, "ann"), door.opened.store.requests
    other = requests.open("ann", "correlation", "corr2d", "again")
    for number in (1, other):
        carol.post(f"/staff/requests/{number}/close", data={"outcome": "Well.", "add": "0.5"})
    said = "What was decided then was taken back since"
    assert said not in ann.get("/requests/1").text
    carol.post("/staff/decisions/adjustment/1/revoke", data={"why": "a slip"})
    for client in (ann, carol):
        assert said in client.get("/requests/1").text
        assert said not in client.get(f"/requests/{other}").text
    assert said.lower() in thread(requests.find(1), Roster(), None).plain.lower()


def test_who_gives_points_reads_first_what_there_is_and_what_lateness_takes(
    plain: Door, tmp_path: Path
) -> None:
    file = tmp_path / "grader.toml"
    file.write_text(file.read_text().replace(
        "[assignments.correlation]", "[assignments.correlation]\ndue = 2026-01-01T12:00:00Z")
        + "[late]\nper_day = 0.5\ncap = 0.5\n")
    of_ann(plain)
    whole = plain.opened.store.requests.open("ann", "correlation", None, "all of it")
    carol = visitor(plain, "carol")

    def told(place: str) -> str:
        page = BeautifulSoup(carol.get(place).text, "html.parser")
        return " ".join(page.select_one("form:has(#add), details")  # type: ignore[union-attr]
                        .get_text().split())

    takes = "Lateness takes 50 % of a question's points, and so of those given by hand"
    assert "Now: Cross-correlation 3 / 4 · the total 1.5 / 4" in told("/requests/1")
    assert "Now: the total 1.5 / 4" in told(f"/requests/{whole}")
    for place in ("/requests/1", f"/requests/{whole}", "/staff/people/ann"):
        assert takes in told(place), place
    file.write_text(file.read_text().replace("due = 2026", "due = 2999"))
    for place in ("/requests/1", "/staff/people/ann"):
        assert "Lateness" not in told(place) and "3 / 4" in told(place), place
    assert "the total 3 / 4" not in visitor(plain, "ann").get("/requests/1").text


def test_each_hand_in_of_a_history_has_its_points(plain: Door) -> None:
    """As they are now, by whatever was decided; of one that is not graded, none."""
    ann, store = visitor(plain, "ann"), plain.opened.store
    for score, content in ((1.0, ADA), (3.0, BOB)):
        arrival = store.arrivals.find(hand_in(ann, content))
        assert arrival is not None
        graded(plain.opened.course, store, arrival, score)
    hand_in(ann, b"x = 1\n", "x.py")
    visitor(plain, "carol").post("/staff/people/ann/adjustments", data={
        "name": "correlation", "kind": "add", "points": "0.5", "why": "ours"})

    def shown(page: str, row: str) -> list[str]:
        found = BeautifulSoup(page, "html.parser").select(row)
        return [figure.text if (figure := each.select_one(".figure")) else "" for each in found]

    history = ann.get("/assignments/correlation").text
    assert shown(history, "[aria-labelledby=history] tbody tr") == ["", "3.5 / 4", "1.5 / 4"]
    theirs = visitor(plain, "carol").get("/staff/people/ann").text
    assert shown(theirs, "li:has(a[href^='/handins'])") == ["", "3.5 / 4", "1.5 / 4"]


def test_this_wing_reads_no_notebook_and_runs_nothing() -> None:
    names = set()
    for file in Path(autograder.web.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    assert not [name for name in names if name.startswith((
        "autograder.judge", "autograder.sandbox", "autograder.submission", "autograder.worker"))]
    lines = sum(len(file.read_text().splitlines())
                for file in Path(autograder.web.__file__).parent.rglob("*.py"))
    assert lines < 2600


