"""Handing in from a program of the student's own: to the door that was named, and to no other."""

from __future__ import annotations

import getpass
import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.request import Request, build_opener, urlopen

import pytest
from doors import a_door, graded, translated, visitor
from hand_ins import ADA, BOB, notebook
from rich.console import Console

from autograder.grading.other_door import OtherDoor
from autograder.handing_in import tokens
from autograder.handing_in.door import DoorError, NotLetIn, RemoteDoor, address
from autograder.handing_in.handing import HandingInError, hand_in, waited
from autograder.handing_in.telling import outcome
from autograder.handing_in.tokens import TokenError
from autograder.intake import KeptFiles, receipts
from autograder.jupyter.submitting import unsaved
from autograder.report.translations import ENGLISH
from autograder.store.keys import KeyKind, KeyScope
from autograder.web.door import Door


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with a_door(tmp_path_factory.mktemp("course")) as door:
        translated(door)
        yield door


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has never handed in."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in (tokens.TOKEN, tokens.DOOR):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def token_of(door: Door, who: str) -> str:
    return door.opened.store.keys.make(KeyKind.TOKEN, who, timedelta(hours=1),
                                       scope=KeyScope.SUBMIT)


def lab(folder: Path, content: bytes = ADA, name: str = "correlation.ipynb") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def test_a_receipt_lies_beside_the_notebook_and_the_end_is_waited_for(
    door: Door, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(tokens.TOKEN, token_of(door, "ann"))
    received = hand_in([lab(home), lab(home, b"X = 1\n", "helpers.py")], to=door.url)
    assert received.saved is not None
    receipt = receipts.read(received.saved.read_text())
    assert receipts.is_genuine(receipt, door.secret)
    opened = door.opened
    assert set(KeptFiles(opened.course).find(receipt.digest) or {}) == {
        "correlation.ipynb", "helpers.py"}
    arrival = opened.store.arrivals.find(receipt.number)
    assert arrival is not None
    steps = waited(received, pause=lambda _: graded(opened.course, opened.store, arrival))
    assert [step.state for step in steps] == ["waiting", "graded"]
    assert received.door.worth(receipt.number).score == 3
    visitor(door, "carol").post("/staff/people/ann/adjustments", data={
        "name": "correlation", "kind": "add", "points": "1", "why": "seen", "comment": "Well."})
    visitor(door, "carol").post("/staff/people/ann/adjustments", data={
        "name": "correlation", "question": "corr2d", "kind": "add", "points": "-1", "why": "seen",
        "stands": "1"})
    shown = Console(width=200)
    with shown.capture() as said:
        shown.print(outcome(received.door.worth(receipt.number), ENGLISH))
    assert "not marked yet" in said.get()
    assert "Points changed by your instructor: +1 on the total. Well." in said.get()
    assert "-1 on “Cross-correlation”." in said.get()
    chinese = RemoteDoor(door.url, token_of(door, "ann"), "zh").worth(receipt.number)
    assert [each.title for each in chinese.questions] == ["互相关", "为什么？"]
    assert "<!DOCTYPE html>" in received.door.page(receipt.number)
    assert tokens.file().exists() is False  # the environment's is kept by who put it there


def test_a_token_that_was_asked_for_is_kept_for_its_owner_until_it_ends(
    door: Door, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [token_of(door, "bob")]
    monkeypatch.setattr(getpass, "getpass", lambda prompt: answers.pop())
    hand_in([lab(home, BOB)], to=door.url)
    assert stat.S_IMODE(tokens.file().stat().st_mode) == 0o600
    hand_in([lab(home)])  # neither the door nor the token is asked for again
    [key] = [each for each in door.opened.store.keys.all() if each.student == "bob"]
    door.opened.store.keys.revoke(key.number)
    with pytest.raises(NotLetIn, match="ask your course for another"):
        hand_in([lab(home)])
    assert json.loads(tokens.file().read_text()) == {}


def test_nobody_is_asked_where_nobody_sits(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TokenError, match="which door"):
        hand_in([lab(home)])

    def nobody(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr(getpass, "getpass", nobody)
    with pytest.raises(TokenError, match="--token-file FILE"):
        hand_in([lab(home)], to="https://grader.example.org")


def test_refusals_are_the_doors_own_and_say_when_to_come_again(
    door: Door, home: Path
) -> None:
    (home / "token").write_text(token_of(door, "ann") + "\n")

    def refused(content: bytes, name: str = "correlation.ipynb", spoken: str = "en") -> str:
        with pytest.raises(DoorError) as raised:
            hand_in([lab(home, content, name)], to=door.url, assignment="correlation",
                    token_file=home / "token", spoken=spoken)
        return str(raised.value)

    assert "notes.txt is not a notebook" in refused(b"x", "notes.txt")
    assert "notes.txt 不是" in refused(b"x", "notes.txt", "zh")
    with pytest.raises(HandingInError, match="no assignment 'nope'; there are: correlation"):
        hand_in([lab(home)], to=door.url, assignment="nope", token_file=home / "token")
    with pytest.raises(DoorError) as raised:
        for number in range(30):
            hand_in([lab(home, notebook(f"x = {number}"))], to=door.url,
                    token_file=home / "token")
    assert "You may hand in again at 20" in str(raised.value) and "(20" in str(raised.value)


@pytest.mark.parametrize("url", [
    "http://grader.example.org", "ftp://grader.example.org", "grader.example.org", "https://",
    "https://me:pass@grader.example.org", "http://127.0.0.1.example.org", "https://[::1"])
def test_a_token_goes_nowhere_where_it_could_be_read(url: str) -> None:
    with pytest.raises(DoorError):
        address(url)
    assert address("https://grader.example.org/") == "https://grader.example.org"
    assert address("http://[::1]:8000") == "http://[::1]:8000"


@contextmanager
def a_server(answer: tuple[int, dict[str, str], bytes]) -> Iterator[tuple[str, list[str]]]:
    """One that answers always the same; and what tokens it was sent."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("authorization", ""))
            status, headers, body = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()


def test_no_answer_sends_a_token_on_to_another_place() -> None:
    with a_server((200, {}, b"[]")) as (thief, seen), \
            a_server((302, {"location": f"{thief}/api"}, b"")) as (door, _):
        with pytest.raises(DoorError, match="HTTP status 302"):
            RemoteDoor(door, "secret").offers()
        assert seen == []
        # The control: the standard library's own way takes it along.
        urlopen(Request(door, headers={"authorization": "Bearer secret"})).close()
        assert seen == ["Bearer secret"]


def test_a_token_beside_the_name_of_its_door_goes_to_no_other(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr(getpass, "getpass", nobody)
    monkeypatch.setenv(tokens.TOKEN, "secret")
    with a_server((200, {}, b"[]")) as (thief, seen):
        monkeypatch.setenv(tokens.DOOR, "https://grader.example.org/")
        with pytest.raises(TokenError, match="no token for"):
            hand_in([lab(home)], to=thief)
        assert seen == []
        for named in (thief + "/", ""):  # the control: it is this door's, or nobody says whose
            monkeypatch.setenv(tokens.DOOR, named)
            with pytest.raises(HandingInError, match="for which assignment"):
                hand_in([lab(home)], to=thief)
        assert seen == ["Bearer secret"] * 2


def test_no_proxy_reads_what_stays_within_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_server((200, {}, b"[]")) as (proxy, seen), a_server((404, {}, b"[]")) as (door, asked):
        monkeypatch.setenv("http_proxy", proxy)
        with pytest.raises(DoorError, match="HTTP status 404"):
            RemoteDoor(door, "secret").offers()
        assert OtherDoor(door, "secret").files("0" * 64) is None
        assert (seen, asked) == ([], ["Bearer secret"] * 2)
        # The control: the standard library's own way asks the proxy.
        build_opener().open(Request(door, headers={"authorization": "Bearer secret"})).close()
        assert seen == ["Bearer secret"]


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"])
def test_a_moment_that_is_nobodys_is_said_in_a_sentence(when: str) -> None:
    with a_server((429, {}, f'{{"reason": "wait", "again": "{when}"}}'.encode())) as (url, _), \
            pytest.raises(DoorError, match="HTTP status 429"):
        RemoteDoor(url, "token").offers()


@pytest.mark.parametrize("body", [b"<html>", b"[" * 100_000, b"{}", b'[{"name": 3}]', b"\xff"])
def test_what_is_no_door_is_said_in_a_sentence(body: bytes) -> None:
    with a_server((200, {}, body)) as (url, _), pytest.raises(DoorError, match="no door of this"):
        RemoteDoor(url, "token").offers()


def test_what_is_away_is_asked_again_for_a_while(home: Path, door: Door) -> None:
    (home / "token").write_text(token_of(door, "carol"))
    received = hand_in([lab(home)], to=door.url, token_file=home / "token")
    with a_server((503, {}, b"")) as (url, seen):
        received.door.url = url
        with pytest.raises(DoorError, match="HTTP status 503"):
            list(waited(received, pause=lambda _: None))
        assert len(seen) == 9


def test_what_runs_and_is_not_in_the_file_is_told(tmp_path: Path) -> None:
    file = lab(tmp_path, notebook("def f():\n    pass", "%%check g\ndef g():\n    pass"))
    ran = ["", "def f():\n    pass\n", "%%check g\ndef g():\n    pass", "not python", "x = 1"]
    assert unsaved(file, ran) == []
    assert unsaved(file, [*ran, "def f():\n    return 1"]) == ["f"]
    assert unsaved(file, [*ran, "def f():\n    return 1", "def f():\n    pass"]) == []
    assert unsaved(tmp_path / "gone.ipynb", ran) == []
