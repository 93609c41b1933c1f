"""Doors of small courses, asked in this process; and people who have come in by them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from threading import Thread

import httpx
import uvicorn
from databases import a_course, a_result
from example_results import verdicts
from hand_ins import ADA

from autograder.course import Course
from autograder.exchange.feedback_job import FeedbackJob
from autograder.grading.work import Workplace
from autograder.intake import KeptFiles
from autograder.result import QuestionResult, Status, SubmissionRecord
from autograder.store import Arrival, State, Store
from autograder.store.keys import KeyKind, KeyScope
from autograder.web.door import Door
from autograder.web.serving import configured

PEOPLE = """id,name,role,section
ann,Ann Lee,student,A
bob,Bob Ray,student,B
carol,Carol,staff,
mia,Mia,marker,A; C
max,Max,marker,B
"""
TEXT = """{ name = "why", title = "Why?", kind = "text", bonus = true, points = 3, \
rubric = [{ text = "the idea", points = 1 }, { text = "a reason", points = 2 }] }"""


@contextmanager
def a_door(root: Path, url: str | None = None, *, people: str = PEOPLE, more: str = "",
           certificate: tuple[Path, Path] | None = None) -> Iterator[Door]:
    """The door of a course with two students and one of the staff, open in this process. ``more``
    is what else grader.toml says."""
    a_course(root, url or f"sqlite:///{root}/kept/grades.db")
    whole = (root / "grader.toml").read_text()
    (root / "grader.toml").write_text(whole.replace(" }]", " }, " + TEXT + "]") + more)
    (root / "people.csv").write_text(people)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        scheme = "http" if certificate is None else "https"
        reached = f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
        door = Door(Workplace(root / "grader.toml"), reached, {"127.0.0.1"})
        server = uvicorn.Server(configured(door, certificate))
        thread = Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield door
        finally:
            server.should_exit = True
            thread.join()


def visitor(door: Door, who: str | None = None, *, scope: KeyScope | None = None
            ) -> httpx.Client:
    """Who asks: nobody, somebody with a session or, with a scope, with a token."""
    client = httpx.Client(base_url=door.url, timeout=60)
    if who is not None:
        kind = KeyKind.SESSION if scope is None else KeyKind.TOKEN
        key = door.opened.store.keys.make(kind, who, timedelta(hours=1),
                                          scope=scope or KeyScope.ALL)
        if scope is None:
            client.cookies.set(door.cookie, key)
        else:
            client.headers["authorization"] = f"Bearer {key}"
    return client


def hand_in(client: httpx.Client, content: bytes = ADA, name: str = "correlation.ipynb") -> int:
    answer = client.post("/assignments/correlation", files=[("files", (name, content))])
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rpartition("/")[2])


def graded(course: Course, store: Store, arrival: Arrival, score: float = 3.0,
           text: str = "Because.") -> None:
    """Have a hand-in graded, by nobody."""
    run = store.begin(arrival.assignment, "test")
    assert KeptFiles(course).find(arrival.digest)
    store.add(run, a_result(
        arrival.student, submission=SubmissionRecord(
            digest=arrival.digest, submitted_at=arrival.at),
        questions=[verdicts(Fraction(score) / 4), QuestionResult(
            name="why", status=Status.DEFERRED, text=text)]))
    store.finish(run)
    store.arrivals.ended(arrival, arrival.digest, State.GRADED)


def feedback_zip(door: Door) -> str:
    """The id of a zip of feedback that is there, and that nobody has made."""
    folder = door.feedback.folder
    job = FeedbackJob.new("correlation", "folder", "carol")
    folder.add(job)
    folder.zip(job).write_bytes(b"PK")
    folder.note(job.model_copy(update={"ended": datetime.now(UTC), "many": 1, "written": 1}))
    return job.id


def translated(door: Door) -> None:
    """Have the assignment's titles in Chinese, before anybody has read them."""
    file = door.place.toml.parent / "solutions/correlation/locale/zh.po"
    file.parent.mkdir(parents=True)
    file.write_text("".join(f'msgid "{english}"\nmsgstr "{chinese}"\n\n' for english, chinese in (
        ("Cross-correlation", "互相关"), ("Why?", "为什么？"), ("the idea", "想法"),
        ("Sums.", "求和。"))))
