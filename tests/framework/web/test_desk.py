"""The desk: who marks whom, two who mark at once, and what staff decide, look up and take back."""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, get_type_hints

import httpx
import pytest
from browser import api
from bs4 import BeautifulSoup
from databases import a_result, server
from doors import TEXT, a_door, graded, hand_in, translated, visitor
from example_results import verdicts
from fastapi.routing import APIRoute
from hand_ins import ADA, BOB
from test_door import PHONE, Reader, chromium
from test_endpoints import CANVAS, ask, of_ann

from autograder.course.digests import question_digests, suite_digest
from autograder.course.secret import fingerprint
from autograder.result import (
    Account,
    CellError,
    CheckResult,
    Environment,
    Load,
    QuestionResult,
    Status,
    SubmissionRecord,
    SubmissionStatus,
    Suspicion,
    sentence,
)
from autograder.store import Arrival, State
from autograder.store.keys import KeyKind, KeyScope
from autograder.web import asking
from autograder.web.app import PARTS
from autograder.web.door import Door

__all__ = ["chromium", "server"]  # fixtures

ANN = "/staff/texts/correlation/why/ann"
OF_MARKERS = (asking.Member, asking.AtAssignment, asking.AtHandIn, asking.AtRequest,
              asking.MarkingMember, asking.MarkingAtPerson, asking.MarkingAtText,
              asking.MarkingAtAnswer)
"""By whose requests a marker is let in; at somebody's, where she sees them."""
AT_SOMEBODY = (asking.AtHandIn, asking.AtRequest, asking.MarkingAtPerson, asking.MarkingAtAnswer)


@pytest.fixture(params=["sqlite", "postgresql"])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    url = None if request.param == "sqlite" else request.getfixturevalue("server").new()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_SECRET", "a secret of the tests, 32 bytes!")
        with a_door(tmp_path, url) as door:
            yield door


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Door]:
    with a_door(tmp_path) as door:
        yield door


def handed_in(door: Door, who: str, score: float, text: str) -> None:
    arrival = door.opened.store.arrivals.find(hand_in(visitor(door, who), BOB, f"{who}.ipynb"))
    assert arrival is not None
    graded(door.opened.course, door.opened.store, arrival, score, text)


def form(page: httpx.Response) -> dict[str, Any]:
    """What a browser sends of the form by which an answer is marked, as it is shown."""
    fields: dict[str, Any] = {}
    found = BeautifulSoup(page.text, "html.parser").select_one("form[data-marking]")
    assert found is not None
    for each in found.select("[name]"):
        value = each.get("value", "") if each.name == "input" else each.get_text()
        fields.setdefault(str(each["name"]), []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in fields.items()}


def test_a_marker_sees_and_marks_those_of_her_sections(plain: Door) -> None:
    """Generated from the routes: a new endpoint is tried without a word here."""
    of = of_ann(plain)
    handed_in(plain, "bob", 2.0, "No idea.")
    plain.opened.store.requests.open("bob", "correlation", "corr2d", "mine, too")
    mia, max_ = visitor(plain, "mia"), visitor(plain, "max")
    tried = set()
    for route in (each for part in PARTS for each in part.endpoints.routes):
        assert isinstance(route, APIRoute)
        who = next(iter(get_type_hints(route.endpoint, include_extras=True).values()))
        if who in (asking.Anybody, asking.Watching) or route.path in (
                "/", "/staff/requests/{number}/close"):
            continue
        method = "GET" if "GET" in route.methods else "POST"
        theirs, others = (ask(client, method, route.path, of) for client in (mia, max_))
        if who not in OF_MARKERS and ("/staff" in route.path or who is asking.StaffMember):
            assert (theirs.status_code, others.status_code) in ((403, 403), (403, 404)), route.path
        elif who in AT_SOMEBODY:
            assert theirs.status_code in (200, 303, 409), (method, route.path)
            assert others.status_code == 404 and "Ann" not in others.text, route.path
            tried.add(route.path)
        elif method == "GET":
            assert theirs.status_code == 200
            assert "bob" not in theirs.text.lower(), route.path
            if "/staff" in route.path:
                assert "ann" not in others.text.lower(), route.path
    assert len(tried) >= 9
    assert visitor(plain, "mia").post("/staff/requests/1/close", data={"outcome": "x"}
                                      ).status_code == 403
    assert "Bob" in visitor(plain, "carol").get("/staff/assignments/correlation").text


def test_a_teams_hand_in_is_every_members_at_the_desk_and_nothing_else_is(door: Door) -> None:
    """Mia marks section A, where Ann is; Bob of section B hands in for both."""
    file = door.place.toml.parent / "people.csv"
    alone = file.read_text()
    store, course, mia, max_ = (door.opened.store, door.opened.course, visitor(door, "mia"),
                                visitor(door, "max"))

    def arrived(content: bytes) -> Arrival:
        arrival = store.arrivals.find(hand_in(visitor(door, "bob"), content, "bob.ipynb"))
        assert arrival is not None
        return arrival

    before = arrived(BOB)  # there is no team
    graded(course, store, before, 1.0, "Before.")
    file.write_text("\n".join(f"{line},{'red' if line[:3] in ('ann', 'bob') else 'team' * (not at)}"
                              for at, line in enumerate(alone.splitlines())))
    waits = arrived(ADA)
    assert mia.get(f"/handins/{waits.number}").status_code == 200
    graded(course, store, waits, 2.0, "Ours.")
    run = store.begin("correlation", "test")
    for student, score in (("ann", 3.0), ("bob", 2.0)):
        store.add(run, a_result(student, score, submission=SubmissionRecord(
            digest=waits.digest, submitted_at=waits.at, team="red", handed_in_by="bob")))
    store.finish(run)
    store.requests.open("bob", "correlation", "corr2d", "mine")
    own, place = f"/handins/{waits.number}", "/staff/assignments/correlation"
    for client in (mia, visitor(door, "carol")):
        [row] = [each for each in BeautifulSoup(client.get(place).text, "html.parser").select("tr")
                 if "Ann Lee" in each.text]
        by = "somebody else of the team" if client is mia else "Bob Ray"
        assert row.select_one(f"a[href='{own}']") and f"handed in by {by}" in row.text
        assert f'href="{own}"' in (person := client.get("/staff/people/ann").text) and by in person
        assert "Nothing from: 0" in client.get(place).text
        page = BeautifulSoup(client.get("/staff").text, "html.parser").text
        assert f"handed in: {1 if client is mia else 2}" in page
    for theirs, named in (("", "somebody else of the team"), ("/result", "for team red")):
        assert named in (page := mia.get(own + theirs).text) and "Bob" not in page, theirs
    assert "Handed in by Bob Ray" in visitor(door, "ann").get(f"{own}/result").text
    assert "receipt" in max_.get(own).text and "/receipt" not in mia.get(own).text
    assert [each.get(f"{own}/receipt").status_code for each in (mia, max_)] == [404, 200]
    assert [each.get(f"/api{own}/result").json()["result"]["submission"]["handed_in_by"]
            for each in (mia, max_, visitor(door, "ann"))] == [None, "bob", "bob"]
    assert "bob" not in mia.get("/staff/marks/correlation/why.csv").text
    for way in ("", "/result", "/files/0"):
        assert [each.get(own + way).status_code for each in (mia, max_)] == [200, 200], way
        assert mia.get(f"/handins/{before.number}{way}").status_code == 404, way
    assert "/staff/people/ann" in mia.get(own).text and "people/bob" not in mia.get(own).text
    door.waiting.look()  # the last look is good for a second, and may be from before
    assert mia.get(f"/api{own}").json()["score"] == 3.0  # Ann's
    assert [max_.get(f"/api{own}").json()["score"], mia.get(f"/api{own}/result").json()["result"][
        "student"]] == [2.0, "ann"]
    for theirs in ("/staff/people/bob", "/staff/texts/correlation/why/bob", "/requests/1"):
        assert mia.get(theirs).status_code == 404, theirs
    assert [(each.account, each.student) for each in store.events.all(verb="show file")] == [
        ("mia", "ann"), ("max", "bob")]
    visitor(door, "carol").post(f"{place}/regrade", data={"why": "hers", "student": "ann"})
    assert [each.number for each in store.arrivals.queued()] == [waits.number]
    file.write_text(alone)  # the team is no more: what was theirs stays theirs
    assert [each.get(own).status_code for each in (mia, max_, visitor(door, "ann"))] == [200] * 3


def test_a_large_class_is_looked_through_by_section_and_name(plain: Door) -> None:
    """By a form, as those who have no JavaScript do."""
    file = plain.place.toml.parent / "people.csv"
    table = "id,name,email,role,section\ncarol,Carol,,staff,\nmia,Mia,,marker,A; C\n" + "".join(
        f"s{number:03},Ada {number} Lee,a{number}@uni.edu,student,{section}\n"
        for number, section in enumerate(["A", "B", "B; C"] * 100))
    for there in (table + "ann,Ann,,student,\nbob,Bob,,student,\n", table):  # never half at once
        file.write_text(there)
        visitor(plain, "carol").get("/")
    for who in ("s001", "s010"):
        handed_in(plain, who, 3.0, "So.")
    carol, mia, place = visitor(plain, "carol"), visitor(plain, "mia"), \
        "/staff/assignments/correlation"

    def seen(client: httpx.Client = carol, **asked: str) -> tuple[list[str], int, str]:
        page = BeautifulSoup(client.get(place, params=asked).text, "html.parser")
        names = [each.get_text() for each in page.select("tbody th")]
        return names, len(page.select("details li")), page.get_text()

    assert seen()[:2] == (["Ada 1 Lee", "Ada 10 Lee"], 298) and "Shown" not in seen()[2]
    assert seen(section="C")[:2] == ([], 100) and "Shown: 100 of 300" in seen(section="C")[2]
    assert seen(section="B", word=" ada 10 lee ")[:2] == (["Ada 10 Lee"], 0)
    assert seen(word="A10@")[:2] == (["Ada 10 Lee"], 0) and "left to mark: 2" in seen(word="x")[2]
    assert seen(section="no")[:2] == seen(word="nobody")[:2] == ([], 0)
    assert seen(mia)[1] == 200 and seen(mia, word="s001")[:2] == ([], 0)
    page = BeautifulSoup(carol.get(place, params={"section": "C", "word": '">x'}).text,
                         "html.parser")
    [form] = page.select("form[method=get]")
    assert [each["value"] for each in form.select("[selected], input")] == ["C", '">x']
    assert page.select("a[href='/staff/gradebook.csv']") and carol.get(
        "/staff/gradebook.csv").status_code == 200
    assert "gradebook.csv" not in mia.get(place).text


def test_an_answer_is_marked_by_its_rubric_and_the_next_one_comes(plain: Door) -> None:
    of_ann(plain)
    handed_in(plain, "bob", 2.0, "No idea.")
    carol = visitor(plain, "carol")
    pile = carol.get("/staff/texts/correlation/why")
    assert "marked: 0 of 2" in pile.text and f'href="{ANN}"' in pile.text
    page = carol.get(ANN)
    assert "Because." in page.text and "left to mark: 2" in page.text
    saved = carol.post(ANN, data=form(page) | {"items": ["1", "0,5"], "comment": "Half of it."})
    assert saved.headers["location"] == "/staff/texts/correlation/why/bob"
    total = plain.opened.store.book().totals("ann")["correlation"]
    assert (float(total.score), total.open) == (4.5, [])
    [mark] = plain.opened.store.decisions().marks
    assert (mark.by, mark.comment, dict(mark.items)) == (
        "carol", "Half of it.", {"the idea": 1, "a reason": mark.points - 1})
    assert "Half of it." in visitor(plain, "ann").get("/handins/1/result").text
    last = carol.post("/staff/texts/correlation/why/bob", data=form(
        carol.get("/staff/texts/correlation/why/bob")) | {"points": "0"})
    assert last.headers["location"] == "/staff/texts/correlation/why"


def test_what_has_to_be_read_is_shown_to_its_end_and_does_nothing(plain: Door) -> None:
    """A text of two pages, and what only seems to be markup or to run the other way."""
    of_ann(plain)
    long = "word " * 780 + "<b>\u202eend</b>"
    handed_in(plain, "bob", 2.0, long * 2)
    carol, place = visitor(plain, "carol"), "/staff/texts/correlation/why/bob"
    carol.post(place, data=form(carol.get(place)) | {"points": "1", "comment": long})
    visitor(plain, "ann").post("/requests/1", data={"words": long})
    for page, often in ((place, 5), ("/requests/1", 1), ("/handins/2/result", 3)):
        text = carol.get(page).text
        assert text.count("&lt;b&gt;⟨U+202E⟩end&lt;/b&gt;") == often and "<b>" not in text, page


@pytest.mark.parametrize(("given", "why"), [
    ({"points": "4"}, "no number from 0 to 3"), ({"items": ["1", ""]}, "1 of 2 lines"),
    ({"items": ["1", "1"], "points": "3"}, "its points are 3, and 2 by its rubric"),
    ({}, "no points were given"), ({"points": "0.125"}, "two decimals"),
    ({"lines": ["the idea", "another"]}, "the rubric has changed"),
    ({"digest": "of another text", "points": "2"}, "another text since")])
def test_what_is_no_mark_is_refused_and_stays_in_the_form(
    given: dict[str, Any], why: str, plain: Door
) -> None:
    of_ann(plain)
    carol = visitor(plain, "carol")
    answer = carol.post(ANN, data=form(carol.get(ANN)) | {"comment": "So far."} | given)
    assert answer.status_code == 409 and why in answer.text
    if "lines" not in given:
        assert form(answer)["comment"].strip() == "So far."
    assert plain.opened.store.decisions().marks == []


def test_two_who_mark_at_once_do_not_tread_on_each_other(door: Door) -> None:
    of_ann(door)
    carol, mia = visitor(door, "carol"), visitor(door, "mia")
    first, second = form(carol.get(ANN)), form(mia.get(ANN))
    assert carol.post(ANN, data=first | {"points": "3"}).status_code == 303
    told = mia.post(ANN, data=second | {"points": "1", "comment": "Mine."})
    assert told.status_code == 409
    assert "Somebody else" in told.text or "somebody else" in told.text
    assert "points: 3, by carol" in told.text and form(told)["comment"].strip() == "Mine."
    assert [each.by for each in door.opened.store.decisions().marks] == ["carol"]
    assert mia.post(ANN, data=form(told)).status_code == 303  # knowing of it, she may
    assert [each.by for each in door.opened.store.decisions().marks] == ["carol", "mia"]
    [mark] = [each for each in door.opened.store.decisions().marks if each.by == "mia"]
    stale = form(carol.get(ANN))
    carol.post(f"/staff/decisions/mark/{mark.number}/revoke", data={"why": "wrong Ann"})
    assert carol.post(ANN, data=stale | {"points": "2"}).status_code == 409


def test_points_by_hand_are_given_and_taken_back_and_never_changed(plain: Door) -> None:
    of_ann(plain)
    carol, ann = visitor(plain, "carol"), visitor(plain, "ann")
    given = {"name": "correlation", "why": "disk broken", "comment": "Sorry."}
    place = "/staff/people/ann/adjustments"

    def score() -> float:
        return float(plain.opened.store.book().totals("ann")["correlation"].score)

    for wrong in ({"kind": "add"}, {"kind": "set", "points": "-1"}, {"kind": "all"},
                  {"kind": "add", "points": "NaN"}):
        assert carol.post(place, data=given | wrong).status_code == 422
    assert carol.post(place, data=given | {"kind": "full", "question": "no"}).status_code == 404
    carol.post(place, data=given | {"kind": "full", "question": "corr2d", "points": ""})
    assert score() == 4 and "Sorry." in ann.get("/handins/1/result").text
    assert "disk broken" not in ann.get("/handins/1/result").text
    page = carol.get("/staff/people/ann")
    assert "disk broken" in page.text and "/staff/decisions/adjustment/1/revoke" in page.text
    more = {"kind": "add", "points": "1", "question": "why", "marking": "1", "stands": "1"}
    marked = carol.post(place, data=given | more)
    assert marked.headers["location"] == ANN and "disk broken" in carol.get(ANN).text
    back = carol.post("/staff/decisions/adjustment/1/revoke", data={
        "why": "wrong Ann", "student": "ann"})
    assert back.headers["location"] == "/staff/people/ann" and score() == 4  # 3, and one by hand
    again = carol.post("/staff/decisions/adjustment/1/revoke", data={"why": "again"})
    assert again.status_code == 409
    assert [(each.account, each.verb) for each in plain.opened.store.events.all()
            if each.verb in ("adjust", "revoke")] == [
        ("carol", "adjust"), ("carol", "adjust"), ("carol", "revoke")]


def test_points_by_hand_count_once_however_often_the_form_comes(door: Door) -> None:
    """By a double click, or by a page that was left open."""
    of_ann(door)
    carol = visitor(door, "carol")
    place = "/staff/people/ann/adjustments"

    def shown(page: str) -> dict[str, str]:
        found = BeautifulSoup(carol.get(page).text, "html.parser").select_one(
            f"form[action='{place}']")
        assert found is not None
        return {each["name"]: each["value"] for each in found.select("[type=hidden]")} | {
            "kind": "add", "points": "1", "why": "disk broken"}

    filled, open_elsewhere = shown("/staff/people/ann"), shown(ANN)
    assert carol.post(place, data=filled).status_code == 303
    for late in (filled, open_elsewhere):
        refused = carol.post(place, data=late)
        assert refused.status_code == 409 and "Nothing was saved" in refused.text
    assert carol.post(place, data=shown(ANN)).status_code == 303  # once more, on purpose
    assert [each.points for each in door.opened.store.decisions().adjustments] == [1, 1]


def test_a_waiver_says_first_who_gains(plain: Door) -> None:
    of_ann(plain)
    handed_in(plain, "bob", 4.0, "No idea.")
    carol, place = visitor(plain, "carol"), "/staff/assignments/correlation/waivers"
    page = BeautifulSoup(carol.get(place).text, "html.parser")
    assert "points: 4 · not wholly passed by 1" in page.text and not page.select("details")
    seen = carol.get(f"{place}?question=corr2d&check=test_all").text
    assert "Who would gain: 1" in seen and "3 → 4" in BeautifulSoup(seen, "html.parser").text
    assert plain.opened.store.decisions().waivers == []
    wrong = {"question": "corr2d", "check": "none", "why": "x"}
    assert carol.post(place, data=wrong).status_code == 404
    carol.post(place, data=wrong | {"check": "test_all"})
    assert float(plain.opened.store.book().totals("ann")["correlation"].score) == 4
    assert "/staff/decisions/waiver/1/revoke" in carol.get(place).text


def test_a_platforms_table_is_filled_in_as_the_verb_does(plain: Door) -> None:
    of_ann(plain)
    carol, place = visitor(plain, "carol"), "/staff/assignments/correlation/tables"

    def filled(table: bytes, platform: str = "canvas", **more: str) -> httpx.Response:
        return carol.post(place, data={"platform": platform, **more},
                          files=[("table", ("grades.csv", table))])

    def saved(page: httpx.Response) -> str:
        [link] = BeautifulSoup(page.text, "html.parser").select("a[download]")
        return base64.b64decode(str(link["href"]).partition(",")[2]).decode()

    first = filled(CANVAS.encode())
    assert saved(first) == CANVAS.replace("ann,", "ann,3.00")
    by_hand = saved(first).replace("3.00", "3.50")
    kept = filled(by_hand.encode())
    assert saved(kept) == by_hand and "3.50 stands there" in kept.text and "Nobody" not in kept.text
    assert "tick the box in the form" in kept.text and "--" not in BeautifulSoup(
        kept.text, "html.parser").get_text()
    assert saved(filled(by_hand.encode(), overwrite="true")) == saved(first)
    assert [(each.account, each.object) for each in plain.opened.store.events.all(verb="export")] \
        == [("carol", "correlation · canvas · the desk")] * 3
    for table, why in ((b"a,b\n", "grades.csv: not a gradebook of Canvas"), (b"\xff", "not UTF-8")):
        refused = filled(table)
        assert refused.status_code == 422 and why in refused.text
    assert filled(b"x", "junit").status_code == 404
    assert filled(b"x" * (1 << 23)).status_code == 413
    for who, status in ((visitor(plain, "bob"), 403), (visitor(plain), 401)):
        assert who.post(place, content=b"x" * (3 << 20)).status_code == status


def test_a_text_is_laid_out_for_whoever_marks_it(plain: Door) -> None:
    handed_in(plain, "bob", 2.0, "# Why\n\n- **one** <b>b</b>\n- [x](javascript:alert(1))\n\n"
              "| a |\n|---|\n| 1 |\n\n![p](https://example.org/x.png)")
    page = BeautifulSoup(visitor(plain, "carol").get("/staff/texts/correlation/why/bob").text,
                         "html.parser")
    [text] = page.select(".typeset")
    assert [each.name for each in text.select("strong, li, td")] == ["li", "strong", "li", "td"]
    assert not text.select("a, img, b, h1") and "<b>b</b>" in text.get_text()
    assert "# Why" in page.select("details .answer")[0].get_text()


def test_a_regrade_says_first_whose_results_are_stale_and_then_what_changed(plain: Door) -> None:
    of_ann(plain)
    carol, place = visitor(plain, "carol"), "/staff/assignments/correlation"
    seen = carol.get(f"{place}/regrade").text
    assert "Stale results: 1 of 1" in seen and "Ann Lee" in seen
    answer = carol.post(f"{place}/regrade", data={"why": "a check was wrong"})
    assert answer.headers["location"] == f"{place}/changes?since=1"
    asked = carol.get(answer.headers["location"]).text
    assert "Still to be graded again: 1" in asked and "<time" not in asked
    assert "has changed up to now." in asked and "has changed.<" not in asked
    arrival = plain.opened.store.arrivals.find(1)
    assert arrival is not None
    graded(plain.opened.course, plain.opened.store, arrival, 4.0)
    page = BeautifulSoup(carol.get(answer.headers["location"]).text, "html.parser")
    assert [cell.text.strip() for cell in page.select("tbody td")][:2] == ["3", "4"]
    assert carol.get(f"{place}/changes?since=99").status_code == 200
    assert 'name="student" value="ann"' in carol.get("/staff/people/ann").text
    carol.post(f"{place}/regrade", data={"why": "hers alone", "student": "bob"})
    assert [each.number for each in plain.opened.store.arrivals.queued()] == []
    carol.post(f"{place}/regrade", data={"why": "hers alone", "student": "ann"})
    assert [each.number for each in plain.opened.store.arrivals.queued()] == [1]


def test_a_regrade_says_what_made_a_result_stale(plain: Door, tmp_path: Path) -> None:
    file, carol = tmp_path / "grader.toml", visitor(plain, "carol")
    arrival = plain.opened.store.arrivals.find(hand_in(visitor(plain, "ann")))
    assert arrival is not None
    digests = question_digests(plain.opened.course, "correlation")
    run = plain.opened.store.begin("correlation", "grade")
    plain.opened.store.add(run, a_result(
        submission=SubmissionRecord(digest=arrival.digest, submitted_at=arrival.at),
        environment=Environment.here(
            sandbox="landlock", suite=suite_digest(plain.opened.course, "correlation"),
            fingerprint=fingerprint(plain.secret)).model_dump(),
        questions=[verdicts(1, suite=digests["corr2d"])]))

    def said() -> str:
        page = BeautifulSoup(carol.get("/staff/assignments/correlation/regrade").text,
                             "html.parser")
        return " ".join(each.text for each in page.select(".callout p, [aria-labelledby=why] > ul"))

    assert "Nothing has changed since everybody was graded" in said()
    whole = file.read_text()
    file.write_text(whole + '[sandbox]\nrequire = "namespaces"\n')
    assert "made in another sandbox: landlock: 1" in said()
    file.write_text(whole.replace(", " + TEXT, ""))
    assert "the checks are the same; the list of questions" in said()
    file.write_text(whole.replace('"corr2d"', '"corr2d", uses = ["corr"]')
                    .replace(TEXT, TEXT + ', { name = "corr", title = "Corr", points = 1 }'))
    assert "changed since: corr2d, corr: 1" in said()


def test_a_regrade_that_our_fault_ends_is_said_to_leave_the_grade_as_it_is(plain: Door) -> None:
    of_ann(plain)
    store, ann = plain.opened.store, visitor(plain, "ann")
    [arrival] = store.arrivals.all()
    run = store.begin("correlation", "test")
    store.add(run, a_result(status=SubmissionStatus.INTERNAL, questions=[],
                            submission=SubmissionRecord(
        digest=arrival.digest, submitted_at=arrival.at)))
    store.arrivals.ended(arrival, arrival.digest, State.INTERNAL)
    counts = "to grade it once more failed, through no fault of yours: the grade of before counts"
    for place in ("/handins/1", "/assignments/correlation"):
        page = " ".join(BeautifulSoup(ann.get(place).text, "html.parser").text.split())
        assert f"graded; {counts} as it did" in page and "could not be graded" not in page, place
    assert "3 / 4" in ann.get("/handins/1").text
    assert counts in visitor(plain, "carol").get("/staff/people/ann").text
    home = ann.get("/").text
    assert "grading failed since" in home and "newest hand-in" not in home


@pytest.mark.parametrize(("state", "said"), [
    (State.UNREADABLE, "the newest hand-in could not be read"),
    (State.INTERNAL, "grading failed since, which is the grader")])
def test_what_is_no_grade_is_said_to_be_none_and_takes_none_away(
    state: State, said: str, plain: Door
) -> None:
    of_ann(plain)
    store = plain.opened.store
    for who in ("ann", "bob"):
        arrival = store.arrivals.find(hand_in(visitor(plain, who), b"{", "correlation.ipynb"))
        assert arrival is not None
        run = store.begin("correlation", "test")
        store.add(run, a_result(who, questions=[], status=SubmissionStatus(state.value),
                                submission=SubmissionRecord(
            digest=arrival.digest, submitted_at=arrival.at)))
        store.arrivals.ended(arrival, arrival.digest, state)
    ann, carol = visitor(plain, "ann"), visitor(plain, "carol")
    for client, place in ((ann, "/"), (ann, "/assignments/correlation"),
                          (carol, "/staff/assignments/correlation"), (carol, "/staff/people/ann")):
        page = " ".join(BeautifulSoup(client.get(place).text, "html.parser").text.split())
        assert f"3 / 4 some points are still open {said}" in page, place
        assert client is carol or page.count(said) == 1, "of what counts, and of no hand-in"
        assert "the grade of before counts" in page and "Handed in: graded" not in page
    assert "the grade of before counts" not in carol.get("/staff/people/bob").text
    theirs = " ".join(ann.get("/handins/2").text.split())
    assert ("could not be read, and is no grade" in theirs) == (state is State.UNREADABLE)
    [offered] = ann.get("/api/assignments").json()
    assert (offered["score"], offered["newest"]) == (3.0, state.value)
    assert ann.get("/api/handins/2").json()["state"] == state.value
    incidents = carol.get("/staff/assignments/correlation/incidents").text
    assert ("It is the newest hand-in; an older one counts." if state is State.UNREADABLE else
            "Grading failed since; the grade of before counts.") in incidents
    rows = {row["student"]: row for row in csv.DictReader(
        io.StringIO(carol.get("/staff/gradebook.csv").text))}
    assert [(row["correlation"], row["percent"], row[state.value]) for row in rows.values()] == [
        ("3", "75.0", "correlation"), ("", "—", "correlation")]
    carol.post("/staff/assignments/correlation/regrade", data={"why": "all that may count"})
    assert {each.number for each in store.arrivals.queued()} == {1, 2, 3}


@pytest.mark.parametrize(("policy", "again"), [("latest", {2, 3, 4}), ("best", {1, 2, 3, 4})])
def test_what_our_fault_ended_is_graded_again_where_it_may_count(
    policy: str, again: set[int], plain: Door, tmp_path: Path
) -> None:
    file = tmp_path / "grader.toml"
    file.write_text(file.read_text().replace("[course]", f'[course]\ncounts = "{policy}"'))
    store, ann = plain.opened.store, visitor(plain, "ann")
    for state in (State.INTERNAL, State.GRADED, State.INTERNAL, State.INTERNAL):
        source = f"x = {len(store.arrivals.all())}".encode()
        arrival = store.arrivals.find(hand_in(ann, source, "x.py"))
        assert arrival is not None
        store.arrivals.ended(arrival, arrival.digest, state)
    for where, expected in (("bob", set()), ("ann", again)):
        visitor(plain, "carol").post("/staff/assignments/correlation/regrade", data={
            "why": "mended", "student": where})
        assert {each.number for each in store.arrivals.queued()} == expected


def test_what_counts_is_graded_again_though_something_newer_waits(plain: Door) -> None:
    of_ann(plain)
    hand_in(visitor(plain, "ann"), b"{", "correlation.ipynb")
    visitor(plain, "carol").post("/staff/assignments/correlation/regrade", data={"why": "mended"})
    assert {each.number for each in plain.opened.store.arrivals.queued()} == {1, 2}


def test_the_desk_looks_things_up_and_takes_them_along(plain: Door) -> None:
    of_ann(plain)
    carol = visitor(plain, "carol")
    carol.post("/staff/people/ann/adjustments", data={
        "name": "correlation", "kind": "add", "points": "1", "why": "<script>"})
    lines = carol.get("/staff/events?verb=adjust&about=ann")
    assert "Lines of the log: 1" in lines.text and "&lt;script&gt;" in lines.text
    assert "Lines of the log: 0" in carol.get("/staff/events?verb=adjust&about=bob").text
    term = carol.get("/staff/gradebook.csv")
    assert term.headers["content-disposition"].startswith("attachment")
    assert "ann,Ann Lee,A,4" in term.text
    carol.post("/staff/people/ann/adjustments", data={
        "name": "correlation", "kind": "set", "points": "0.01", "why": "a half to be rounded",
        "stands": "1"})
    assert "ann,Ann Lee,A,0.01,0.3" in carol.get("/staff/gradebook.csv").text
    assert "<dd>0.3</dd>" in carol.get("/staff/people/ann").text, "as the table rounds it"
    assert "ann,Because." in carol.get("/staff/marks/correlation/why.csv").text
    assert "people.csv" in carol.get("/staff/people").text
    assert carol.get("/staff/people/nobody").status_code == 404
    assert "missing" in carol.get("/staff/people/bob").text  # of whom there is no result
    assert '"/staff/assignments/correlation"' in carol.get("/requests/1").text
    assert '"/assignments/correlation"' in visitor(plain, "ann").get("/requests/1").text


def test_a_second_look_leads_to_the_result_that_counts_and_says_whether_it_is_open(
    plain: Door
) -> None:
    opened = plain.opened
    opened.store.requests.open("ann", "correlation", "corr2d", "please")
    ann, carol = visitor(plain, "ann"), visitor(plain, "carol")
    for each in (ann, carol):
        assert "/handins/" not in each.get("/requests/1").text, "there is none yet"
    handed_in(plain, "ann", 3.0, "Because.")
    unread = hand_in(ann, b"{", "correlation.ipynb")
    [arrival] = [each for each in opened.store.arrivals.all() if each.number == unread]
    run = opened.store.begin("correlation", "test")
    opened.store.add(run, a_result("ann", status=SubmissionStatus.UNREADABLE, questions=[],
                                   submission=SubmissionRecord(digest=arrival.digest,
                                                               submitted_at=arrival.at)))
    opened.store.finish(run)
    opened.store.arrivals.ended(arrival, arrival.digest, State.UNREADABLE)
    for each, label in ((ann, "Write more"), (carol, "Answer")):
        page = each.get("/requests/1").text
        assert '"/handins/1/result"' in page and f'"/handins/{unread}/' not in page
        assert "· open</p>" in page and f"{label}</label>" in page
        assert each.get("/handins/1/result").status_code == 200
    carol.post("/staff/requests/1/close", data={"outcome": "Seen.", "add": "0.5"})
    assert "· closed</p>" in ann.get("/requests/1").text
    assert "corr2d" not in carol.get("/requests/1").text
    said = BeautifulSoup(carol.get("/staff/people/ann").text, "html.parser").select(".decisions li")
    assert "· ann · Cross-correlation: +0.5" in " ".join(said[0].get_text().split())


def test_the_desk_counts_what_was_graded_by_a_verb(plain: Door) -> None:
    """Nothing came by the door, and of two people.csv knows nothing."""
    store = plain.opened.store
    run = store.begin("correlation", "grade")
    for who in ("dan", "eve"):
        store.add(run, a_result(who))
    store.finish(run)
    desk = BeautifulSoup(visitor(plain, "carol").get("/staff").text, "html.parser")
    assert "handed in: 2" in desk.get_text()
    assert {each.dt.get_text(): each.dd.get_text() for each in desk.select(".tiles div")
            }["students"] == "4"


def test_what_staff_should_look_at_is_said_in_their_language(plain: Door) -> None:
    """But for what a suite's author reads of an exception."""
    translated(plain)
    store = plain.opened.store
    run = store.begin("correlation", "test")
    store.add(run, a_result("bob", status=SubmissionStatus.UNREADABLE, questions=[],
                            message=sentence("Nothing was handed in.")))
    crash, fault = (CheckResult(id=f"test_{number}", title="Sums.", status=status, fault=said,
                                decided=Account(status=status, message=message))
                    for number, (status, said, message) in enumerate((
                        (Status.CRASHED, None, sentence("No answer within {seconds} s.",
                                                        seconds=4)),
                        (Status.INTERNAL, "KeyError: 'x'", None))))
    store.add(run, a_result("ann", suspicions=[Suspicion(name="ctypes", cell=1, line=7)],
                            load=Load(errors=[CellError(cell=1, type="Timeout",
                                                        stopped="timeout")]),
                            questions=[QuestionResult(name="corr2d", status=Status.CRASHED,
                                                      checks=[crash, fault])]))
    store.finish(run)
    place = "/staff/assignments/correlation/incidents"

    def table(code: str) -> list[list[str]]:
        page = BeautifulSoup(visitor(plain, "carol").get(f"{place}?language={code}").text,
                             "html.parser")
        return [[cell.text for cell in row.select("td")] for row in page.select("tbody tr")]

    assert table("en") == [
        ["timeout", "Code cell 2", ""],
        ["suspicious", "code cells: 2", "It names ctypes (code cell 2, line 7)."],
        ["crashed", "corr2d: Sums.", "No answer within 4 s."],
        ["internal", "corr2d: Sums.", "KeyError: 'x'"],
        ["unreadable", "submission", "Nothing was handed in."]]
    chinese = table("zh")
    assert len(chinese) == 5 and {word for row in chinese for cell in row
                                  for word in re.findall(r"[A-Za-z]\w+", cell)} == {
        "corr2d", "ctypes", "KeyError"}


def test_who_of_the_staff_looks_at_files_is_in_the_log(plain: Door) -> None:
    of = of_ann(plain)
    kept, shown = f"/api/kept/{of['digest']}", "/handins/1/files/0"
    for client, place in ((visitor(plain, "ann"), shown), (visitor(plain, "mia"), shown),
                          (visitor(plain, "carol"), shown), (visitor(plain, "carol"), kept),
                          (visitor(plain, "carol", scope=KeyScope.READ), kept)):  # a grader
        assert client.get(place).status_code == 200
    digest = of["digest"][:8]
    assert [(each.account, each.object) for each in plain.opened.store.events.all(verb="show file")
            ] == [("mia", f"correlation · ann · {digest}"),
                  ("carol", f"correlation · ann · {digest}"), ("carol", digest)]


@pytest.mark.wcag("1.4.10", "2.1.1")
def test_texts_are_marked_by_keyboard_alone_and_every_page_can_be_read(
    plain: Door, chromium: api.Browser
) -> None:
    of_ann(plain)
    handed_in(plain, "bob", 2.0, "No idea.")
    key = plain.opened.store.keys.make(KeyKind.LINK, "carol", timedelta(hours=1))
    reader = Reader(chromium, plain, f"{plain.url}/enter?key={key}",
                    viewport={"width": PHONE, "height": 740})
    reader.goes_to(ANN)
    keyboard = reader.page.keyboard
    for each in ("1", "Tab", "0.5", "Tab", "Tab", "Why so?", "Control+Enter"):
        keyboard.press(each) if each in ("Tab", "Control+Enter") else keyboard.type(each)
    reader.page.wait_for_url("**/why/bob")
    assert reader.page.locator("output").inner_text() == "0"
    for each in ("Tab", "Tab", "2", "Enter"):  # of the whole, whatever the lines bring
        keyboard.press(each)
    reader.page.wait_for_url("**/texts/correlation/why")
    assert [(each.student, float(each.points), each.comment) for each in
            plain.opened.store.decisions().marks] == [("ann", 1.5, "Why so?"), ("bob", 2, "")]
    assignment = "/staff/assignments/correlation"
    for place in (ANN, "/staff/texts/correlation/why", "/staff", assignment, "/staff/people",
                  "/staff/people/ann", f"{assignment}/regrade", f"{assignment}/changes",
                  f"{assignment}/waivers", f"{assignment}/incidents", f"{assignment}/tables",
                  "/staff/events", "/staff/decisions"):
        reader.goes_to(f"{place}?language=zh")
        reader.page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
        reader.reads_well(PHONE)
        english = reader.page.locator("[lang=en]:not(td, a, h1 *, .checks *, label *)")
        assert english.count() == 0, place
    reader.leave()
