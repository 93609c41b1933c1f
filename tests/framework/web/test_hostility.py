"""What one member of the course can do to the others by the door, and cannot."""

from __future__ import annotations

import os
import select
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from databases import a_result
from doors import a_door, graded, hand_in, visitor
from hand_ins import ADA, BOB

from autograder.intake import KeptFiles
from autograder.intake.files import FilesLost
from autograder.result import SubmissionRecord
from autograder.store.keys import KeyKind, KeyScope
from autograder.store.requests import MOST_LETTERS, MOST_OPEN
from autograder.web import patience
from autograder.web.door import Door

LARGE = 24 * 2**20  # bytes: more than a connection holds that nobody reads
STUDENTS = ["ann", "bob", "cleo", "dan", "eve", "fay", "gil", "hal", "ida", "jan"]


def people(root: Path, teams: dict[str, str] | None = None, more: str = "") -> None:
    """The table of people; each test has students of its own."""
    rows = [f"{each},{each.title()} Lee,student,{(teams or {}).get(each, '')}"
            for each in STUDENTS]
    (root / "people.csv").write_text("\n".join(
        ["id,name,role,team", *rows, "carol,Carol,staff,", more]))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("course")


@pytest.fixture(scope="module")
def door(root: Path) -> Iterator[Door]:
    """One whose course allows a single hand-in for "rare"."""
    with pytest.MonkeyPatch.context() as patch, a_door(root) as door:
        patch.setattr(patience, "HEADERS_SECONDS", 0.4)
        file = root / "grader.toml"
        file.write_text(file.read_text() + (
            '[assignments.rare]\ntitle = "Rare"\nattempts = { max = 1 }\n'
            'questions = [{ name = "corr2d", title = "Cross-correlation", points = 4 }]\n'))
        people(root)
        yield door


def raw(door: Door) -> socket.socket:
    """A connection that takes little in which it does not read."""
    place = urlsplit(door.url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
    connection.settimeout(60)
    connection.connect((place.hostname, place.port))
    return connection


def asked(door: Door, who: str, path: str, more: bytes = b"", method: bytes = b"GET"
          ) -> socket.socket:
    """A connection on which somebody has asked for something, and has read nothing."""
    session = visitor(door, who).cookies[door.cookie]
    connection = raw(door)
    connection.sendall(method + b" " + path.encode() + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: "
                       + f"{door.cookie}={session}\r\n".encode() + more + b"\r\n")
    return connection


def peak(work: Callable[[], object]) -> int:
    """Bytes that something takes at a time."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_files_are_given_back_without_being_held(door: Door) -> None:
    number = hand_in(visitor(door, "ann"), os.urandom(LARGE))
    arrival = door.opened.store.arrivals.find(number)
    assert arrival is not None
    kept = KeptFiles(door.opened.course)
    assert peak(lambda: kept.find(arrival.digest)) > LARGE  # the control

    def stream() -> None:
        file = kept.file(arrival.digest, 0)
        assert file is not None and sum(map(len, file.pieces)) == file.size == LARGE

    assert peak(stream) < LARGE / 8
    assert peak(lambda: kept.names(arrival.digest)) < LARGE / 8


def test_a_page_lists_files_that_it_does_not_unpack(door: Door) -> None:
    ann = visitor(door, "ann")
    number = hand_in(ann, b"to be damaged", "lost.ipynb")
    arrival = door.opened.store.arrivals.find(number)
    assert arrival is not None
    assert "lost.ipynb" in ann.get(f"/handins/{number}").text
    kept = KeptFiles(door.opened.course)
    kept.place(arrival.digest).write_bytes(b"no zstd")
    with pytest.raises(FilesLost):
        kept.names(arrival.digest)
    assert "lost.ipynb" in ann.get(f"/handins/{number}").text
    assert ann.get(f"/handins/{number}/files/0").status_code == 503


def test_who_reads_nothing_waits_for_the_own_turn_and_nobody_else_does(door: Door) -> None:
    number = hand_in(visitor(door, "bob"), os.urandom(LARGE))
    with ExitStack() as stack:
        unread = [stack.enter_context(asked(door, "bob", f"/handins/{number}/files/0"))
                  for _ in range(6)]
        for each in unread:
            assert each.recv(12) == b"HTTP/1.1 200"  # all have begun
        late = stack.enter_context(asked(door, "bob", "/handins/1"))
        assert visitor(door, "ann").get("/").status_code == 200
        assert select.select([late], [], [], 0.5)[0] == []
        unread[0].close()
        assert late.recv(12) == b"HTTP/1.1 404"


def test_who_reads_nothing_is_cut_off(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "ANSWER_SECONDS", 1.0)
    cleo = visitor(door, "cleo")
    number = hand_in(cleo, os.urandom(LARGE))
    with ExitStack() as stack:
        unread = [stack.enter_context(asked(door, "cleo", f"/handins/{number}/files/0"))
                  for _ in range(6)]
        for each in unread:
            assert each.recv(12) == b"HTTP/1.1 200"  # all have begun
        assert cleo.get("/").status_code == 200  # when it is the own turn again
        assert sum(len(data) for data in iter(lambda: unread[0].recv(2**20), b"")) < LARGE
    assert len(cleo.get(f"/handins/{number}/files/0").content) == LARGE  # who reads, is not


def test_who_has_no_attempt_left_sends_no_file(door: Door) -> None:
    client = visitor(door, "dan")
    for status in (303, 409):
        assert client.post("/assignments/rare", files=[
            ("files", ("a.ipynb", f"{status}".encode()))]).status_code == status
    more = (b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 60000000\r\n")
    for who, path, answer in (("dan", "/assignments/rare", b"HTTP/1.1 409"),
                              ("eve", "/assignments/rare", b"")):  # the control: is waited for
        with asked(door, who, path, more, b"POST") as connection:
            connection.settimeout(None if answer else 0.5)
            if answer:
                assert connection.recv(12) == answer
            else:
                with pytest.raises(TimeoutError):
                    connection.recv(12)


def test_whose_hand_ins_are_refused_again_and_again_has_to_wait(door: Door) -> None:
    fay = visitor(door, "fay", scope=KeyScope.SUBMIT)
    place, pdf = "/api/assignments/correlation/handins", [("files", ("essay.pdf", b"%PDF"))]
    assert {fay.post(place, files=pdf).status_code for _ in range(20)} == {422}
    answer = fay.post(place, files=[("files", ("a.ipynb", ADA))])
    assert (answer.status_code, answer.json()["kind"]) == (429, "pace")
    again = datetime.fromisoformat(answer.json()["again"])
    assert timedelta(0) < again - datetime.now(UTC) <= timedelta(minutes=15)
    assert visitor(door, "eve").post("/assignments/correlation", files=pdf).status_code == 422


def test_second_looks_are_bounded_in_number_and_in_letters(door: Door) -> None:
    gil, carol = visitor(door, "gil"), visitor(door, "carol")

    def ask(_: int) -> int:
        return gil.post("/assignments/correlation/requests", data={"words": "look"}).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(MOST_OPEN + 8)))
    assert sorted(answers) == [303] * MOST_OPEN + [429] * 8
    number = door.opened.store.requests.all(student="gil")[0].number
    said = [gil.post(f"/requests/{number}", data={"words": "x" * 4000}).status_code
            for _ in range(MOST_LETTERS // 4000)]
    assert said == [303, 429]
    carol.post(f"/requests/{number}", data={"words": "which one?"})
    assert gil.post(f"/requests/{number}", data={"words": "x" * 4000}).status_code == 303


def test_whoever_tries_links_holds_up_nobody(door: Door) -> None:
    with door.opened.store._database.exclusive():  # somebody hands in
        assert visitor(door).post("/enter", data={"key": "x" * 43}).status_code == 401


def test_a_session_is_taken_from_this_host_alone(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = door.url

    def enter() -> str:
        key = door.opened.store.keys.make(KeyKind.LINK, "hal", timedelta(hours=1))
        return httpx.post(f"{place}/enter", data={"key": key}).headers["set-cookie"]

    assert enter().startswith("session=")
    monkeypatch.setattr(door, "url", "https://grader.example.org")
    given = enter()
    left = httpx.post(f"{place}/leave").headers["set-cookie"]
    for cookie in (given, left):  # browsers take neither without these
        assert cookie.startswith("__Host-session=")
        assert "Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie
    session = given.partition("=")[2].partition(";")[0]
    for name, status in (("__Host-session", 200), ("session", 401)):
        assert httpx.get(f"{place}/", headers={
            "cookie": f"{name}={session}"}).status_code == status


def test_figures_are_for_this_machine_and_for_staff(door: Door) -> None:
    student, staff = (visitor(door, who, scope=KeyScope.READ) for who in ("ida", "carol"))
    far = {"x-forwarded-for": "203.0.113.7"}
    assert visitor(door).get("/metrics").status_code == 200
    assert [client.get("/metrics", headers=far).status_code
            for client in (visitor(door), student, staff)] == [401, 403, 200]


def test_a_slip_in_the_table_of_people_shuts_nobody_out(door: Door, root: Path) -> None:
    ida, carol = visitor(door, "ida"), visitor(door, "carol")
    assert ida.get("/").status_code == 200
    people(root, more="ida,Twice,student,")
    assert hand_in(ida, b"while it is broken")
    for path in ("/", "/assignments/correlation"):
        answer = ida.get(path)
        assert answer.status_code == 200 and "people.csv" not in answer.text
    assert "line 13" in carol.get("/staff").text and "people.csv" in carol.get("/staff").text
    (root / "people.csv").unlink()  # as some editors do, before they write it anew
    assert ida.get("/").status_code == 200 and "not there" in carol.get("/staff").text
    people(root)
    assert "people.csv" not in carol.get("/staff").text


def test_a_quotation_mark_that_is_not_closed_shuts_nobody_out(door: Door, root: Path) -> None:
    jan, carol = visitor(door, "jan"), visitor(door, "carol")
    people(root)
    assert jan.get("/").status_code == 200
    whole = (root / "people.csv").read_text()
    (root / "people.csv").write_text(whole.replace("eve,Eve Lee", 'eve,"Eve Lee'))
    assert jan.get("/").status_code == 200
    assert all(each in carol.get("/staff").text for each in ("people.csv: line 6", "quotation"))
    (root / "people.csv").write_text("\n".join(whole.split("\n")[:4]) + "\ncarol,Carol,staff,\n")
    assert jan.get("/").status_code == 200
    assert "7 of 10 students are not in it any more" in carol.get("/staff").text
    people(root)
    assert "people.csv" not in carol.get("/staff").text


def test_a_mistake_of_the_doors_own_is_a_page_with_a_way_back(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise ZeroDivisionError("of ann's")

    monkeypatch.setattr(type(door.waiting), "find", broken)
    ann = visitor(door, "ann")
    number = hand_in(ann)
    page = ann.get(f"/handins/{number}")
    assert page.status_code == 500 and "The door made a mistake here." in page.text
    assert "frame-ancestors" in page.headers["content-security-policy"]
    assert "ZeroDivision" not in page.text
    assert ann.get(f"/api/handins/{number}").json()["kind"] == "fault"


def test_who_changes_teams_keeps_what_was_theirs_and_sees_nothing_from_before(
    door: Door, root: Path
) -> None:
    people(root, {"hal": "red", "jan": "red"})
    hal, jan, ida = (visitor(door, who) for who in ("hal", "jan", "ida"))
    number = hand_in(hal, BOB)
    arrival = door.opened.store.arrivals.find(number)
    assert arrival is not None
    assert [each.get(f"/handins/{number}").status_code for each in (hal, jan, ida)] \
        == [200, 200, 404]
    graded(door.opened.course, door.opened.store, arrival)
    run = door.opened.store.begin("correlation", "test")
    door.opened.store.add(run, a_result("jan", 3.0, submission=SubmissionRecord(
        digest=arrival.digest, submitted_at=arrival.at, team="red", handed_in_by="hal")))
    people(root, {"hal": "red", "ida": "red", "jan": "blue"})
    for who, status in ((hal, 200), (jan, 200), (ida, 404)):
        assert who.get(f"/handins/{number}").status_code == status
        assert (f"/handins/{number}\"" in who.get("/assignments/correlation").text) \
            == (status == 200)
