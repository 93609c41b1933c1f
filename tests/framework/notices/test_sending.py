"""Notices, by a real mail server of the tests: a link and never a score, nobody twice, tried again,
and no address in a log."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from databases import a_course, a_result, server
from mails import MailServer, Session, a_mail_server, text_of

from autograder.course import Course, load, roster
from autograder.gradebook import TextMark
from autograder.notices import sending
from autograder.notices.sending import Notifier, Now
from autograder.result import SubmissionRecord
from autograder.store import State, Store

__all__ = ["server"]  # fixture

PEOPLE = """id,name,email,role,team
ann,Ann,ann@example.org,student,red
bob,Bob,bob@example.org,student,red
cem,Cem,,student,
"""
NOTICES = '[door.notices]\nstudents = "MAIL"\nstaff = "STAFF"\nafter_minutes = 0\n'


@dataclass
class Place:
    """A course that tells people, its store, and where the mails arrive."""

    course: Course
    store: Store
    mail: MailServer
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))

    def notifier(self) -> Notifier:
        return Notifier(lambda: Now(self.course, self.store, roster.load(self.course)),
                        "https://grader.example.org")

    def handed_in(self, student: str, *, internal: bool = False) -> int:
        with self.store.arrivals.exclusively() as counted:
            arrival = counted.add(student, "correlation", "0" * 64, datetime.now(UTC), "page")
        run = self.store.begin("correlation", "test")
        self.store.add(run, a_result(student, 3.0, submission=SubmissionRecord(
            digest=arrival.digest, submitted_at=arrival.at)))
        self.store.arrivals.ended(
            arrival, arrival.digest, State.INTERNAL if internal else State.GRADED)
        return arrival.number


@contextmanager
def a_place(root: Path, monkeypatch: pytest.MonkeyPatch, url: str | None = None
            ) -> Iterator[Place]:
    a_course(root, url or f"sqlite:///{root}/grades.db")
    with (root / "grader.toml").open("a") as file:
        file.write(NOTICES)
    (root / "people.csv").write_text(PEOPLE)
    with a_mail_server() as mail:
        monkeypatch.setenv("MAIL", mail.url())
        monkeypatch.setenv("STAFF", mail.url("&to=staff@example.org"))
        course = load(root / "grader.toml")
        with Store(course, shared=True) as store:
            yield Place(course, store, mail)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
          ) -> Iterator[Place]:
    url = None if request.param == "sqlite" else request.getfixturevalue("server").new()
    with a_place(tmp_path, monkeypatch, url) as found:
        yield found


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with a_place(tmp_path, monkeypatch) as found:
        yield found


def test_who_waits_is_told_once_by_a_link_and_without_a_score(place: Place) -> None:
    notifier = place.notifier()
    number = place.handed_in("ann")
    broken = place.handed_in("cem", internal=True)
    request = place.store.requests.open("ann", "correlation", "corr2d", "my secret trouble")
    place.store.requests.answer(request, "we look", by="carol")
    place.store.requests.answer(request, "thank you", by="ann")
    place.store.requests.close(request, "3 points more", by="carol")
    place.store.acts.add(TextMark(assignment="correlation", student="bob", question="corr2d",
                                  points=Decimal(2), reason="", comment="weak"))
    notifier.look()
    base = "https://grader.example.org"
    assert sorted(place.mail.told()) == sorted([
        ("ann@example.org", f"{base}/handins/{number}"),
        ("bob@example.org", f"{base}/handins/{number}"),  # of her team
        ("staff@example.org", f"{base}/handins/{broken}"),
        ("staff@example.org", f"{base}/requests/{request}"),
        ("staff@example.org", f"{base}/requests/{request}"),  # she answers
        ("ann@example.org", f"{base}/requests/{request}"),
        ("ann@example.org", f"{base}/requests/{request}"),  # it is closed
        ("bob@example.org", f"{base}/assignments/correlation")])
    for _, mail in place.mail.mails:
        text = f"{mail['subject']}\n{text_of(mail)}"
        assert not re.search(r"\b3\b|trouble|look at|weak|points", text), text
    notifier.look()
    place.notifier().look()  # another door's, on the same store
    assert len(place.mail.mails) == 8


def test_what_cannot_be_sent_is_tried_again_and_then_given_up(
    plain: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(sending, "AGAIN", (timedelta(), timedelta()))
    notifier = plain.notifier()
    plain.mail.refuses = 2
    plain.handed_in("bob")
    notifier.look()
    assert sorted(to for to, _ in plain.mail.mails) == ["ann@example.org", "bob@example.org"]
    plain.mail.refuses = 99
    plain.store.requests.open("ann", "correlation", None, "look")
    notifier.look()
    assert plain.mail.refuses == 96 and len(plain.mail.mails) == 2
    assert plain.store.notices.take() is None  # given up
    said = [f"{each.getMessage()} {vars(each)}" for each in caplog.records]
    assert len([each for each in said if each.startswith("notice not sent")]) == 5
    assert not [each for each in said if "example.org" in each]


def test_nobody_is_told_unless_it_is_asked_for(
    plain: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    notifier = plain.notifier()
    plain.handed_in("ann")
    quick = plain.course.model_copy(update={"door": plain.course.door.model_copy(update={
        "notices": plain.course.door.notices.model_copy(update={"after_minutes": 60})})})
    replace(plain, course=quick).notifier().look()  # whoever waits on the page has seen it come
    monkeypatch.delenv("MAIL")
    plain.store.requests.open("ann", "correlation", None, "look")
    notifier.look()
    assert [to for to, _ in plain.mail.mails] == ["staff@example.org"]
    monkeypatch.delenv("STAFF")
    plain.store.requests.open("bob", "correlation", None, "look")
    notifier.look()
    assert len(plain.mail.mails) == 1


def test_a_mail_server_that_hangs_holds_nobody_up(
    plain: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, ends = threading.Event(), threading.Event()

    def hangs(session: Session) -> None:
        reached.set()
        ends.wait(60)

    monkeypatch.setattr(Session, "handle", hangs)
    monkeypatch.setattr(sending, "PAUSE", 0.05)
    monkeypatch.setattr(sending, "_PATIENCE", 0.1)
    with plain.notifier():
        plain.handed_in("ann")
        assert reached.wait(30)
        plain.handed_in("cem")  # is kept meanwhile
    ends.set()


def test_what_is_told_of_a_person_is_given_and_erased_with_the_rest(plain: Place) -> None:
    plain.handed_in("cem", internal=True)
    plain.handed_in("cem")
    plain.notifier().look()
    assert "" not in plain.store.persons.names()  # the staff's notices are nobody's
    [told] = plain.store.persons.acts(["cem"], lambda whom: False)["notices"]
    assert (told["kind"], told["state"]) == ("result", "sent")


def test_one_text_marked_twice_in_a_row_silences_nobody(place: Place) -> None:
    """Each is told of once: two of one kind in one look were two rows of one name, which no store
    takes."""
    notifier = place.notifier()
    for points in (1, 2):
        place.store.acts.add(TextMark(assignment="correlation", student="bob", question="corr2d",
                                      points=Decimal(points), reason=""))
    place.handed_in("cem", internal=True)
    notifier.look()
    assert sorted(to for to, _ in place.mail.told()) == ["bob@example.org", "staff@example.org"]


def test_who_writes_letter_after_letter_calls_staff_once_until_somebody_answers(
    place: Place
) -> None:
    notifier = place.notifier()
    request = place.store.requests.ask("ann", "correlation", None, "look")

    def letters() -> int:
        """What staff are told of, when twenty more have come."""
        before = [to for to, _ in place.mail.told()].count("staff@example.org")
        for _ in range(20):
            place.store.requests.answer(request, "?", by="ann")
        notifier.look()
        return [to for to, _ in place.mail.told()].count("staff@example.org") - before

    assert (letters(), letters()) == (1, 0)
    place.store.requests.answer(request, "patience", by="carol")
    assert (letters(), letters()) == (1, 0)
    place.store.requests.answer(request, "more", by="carol")  # of hers, she is told of each
    place.store.requests.answer(request, "and more", by="carol")
    notifier.look()
    assert [to for to, _ in place.mail.told()].count("ann@example.org") == 3


@pytest.mark.parametrize("cell", [
    "ann@example.org,eve@example.org", "ann@example.org eve@example.org",
    "ann@example.org;eve@example.org", "Ann <ann@example.org>"])
def test_a_cell_that_is_not_one_address_tells_nobody(plain: Place, cell: str) -> None:
    """What a platform calls a student's address, the student may have chosen."""
    people = plain.course.root / "people.csv"
    people.write_text(PEOPLE.replace("ann@example.org", f'"{cell}"'))
    plain.handed_in("ann")
    plain.notifier().look()
    assert [to for to, _ in plain.mail.told()] == ["bob@example.org"]
    people.write_text(PEOPLE)  # the control
    plain.handed_in("ann")
    plain.notifier().look()
    assert sorted(to for to, _ in plain.mail.told()) == [
        "ann@example.org", "bob@example.org", "bob@example.org"]
