"""Feedback at the desk: zips that platforms take back, made outside the door's own process."""

from __future__ import annotations

import errno
import fcntl
import io
import multiprocessing
import os
import shutil
import signal
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from browser import api
from bs4 import BeautifulSoup
from databases import a_result
from doors import a_door, feedback_zip, graded, hand_in, visitor
from hand_ins import ADA, BOB, packed
from test_door import PHONE, Reader, chromium

from autograder.exchange import ExchangeError, feedback_jobs, feedback_making
from autograder.exchange.feedback_job import FeedbackFolder, FeedbackJob
from autograder.grading.work import Workplace
from autograder.intake import KeptFiles
from autograder.intake.erasing import forget
from autograder.intake.files import feedback_folder
from autograder.store.keys import KeyKind
from autograder.submission import find, of_files
from autograder.web.door import Door

__all__ = ["chromium"]  # fixture

PLACE = "/staff/assignments/correlation/feedback"
MOODLE = {
    "Ann Lee_12345_assignsubmission_file_/correlation.ipynb": ADA,
    "Bob Ray_23456_assignsubmission_file_/correlation.ipynb": BOB,
}
PEOPLE = """id,name,role,section,moodle
ann,Ann Lee,student,A,12345
bob,Bob Ray,student,B,23456
carol,Carol,staff,,
mia,Mia,marker,A,
"""


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with a_door(tmp_path, people=PEOPLE) as door:
        yield door


def asked(client: httpx.Client, platform: str, download: bytes | None = None) -> httpx.Response:
    """The page after a zip was asked for; without JavaScript it is looked at again."""
    files = None if download is None else [("download", ("from-there.zip", download))]
    answer = client.post(PLACE, data={"platform": platform}, files=files)
    if answer.status_code != 303:
        return answer
    return looked(client, lambda page: not page.select("[data-made]"))


def looked(client: httpx.Client, true: Callable[[BeautifulSoup], bool]) -> httpx.Response:
    until = time.monotonic() + 120
    while True:
        answer = client.get(PLACE)
        if true(BeautifulSoup(answer.text, "html.parser")):
            return answer
        assert time.monotonic() < until, answer.text


def saved(client: httpx.Client, page: httpx.Response) -> dict[str, bytes]:
    """What is in the newest zip."""
    place = str(BeautifulSoup(page.text, "html.parser").select("a.button")[0]["href"])
    answer = client.get(place)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def never_made(leash: Connection, *_: object) -> None:
    """In the place of the process that makes a zip: it ends with the door."""
    leash.poll(None)


def test_everybodys_feedback_is_made_elsewhere_and_saved(door: Door) -> None:
    course, store, carol = door.opened.course, door.opened.store, visitor(door, "carol")
    handed_in = of_files({"correlation.ipynb": ADA}, "ann", course.assignment("correlation"),
                           datetime.now(UTC))
    KeptFiles(course).keep(handed_in)
    run = store.begin("correlation", "test")
    store.add(run, a_result("ann", submission=handed_in.record))
    store.finish(run)
    page = asked(carol, "folder")
    assert "with feedback for: 1 of 1" in page.text
    files = saved(carol, page)
    assert set(files) == {"ann/correlation.html", "ann/correlation.ipynb"}
    assert b"Ann Lee" not in files["ann/correlation.ipynb"] and b"Feedback" in \
        files["ann/correlation.ipynb"]
    assert [(each.account, each.object, each.after) for each in store.events.all()
            if each.verb in ("feedback", "export")] == [
        ("carol", "correlation · folder · the desk", "1 of 1 students"),
        ("carol", "correlation · correlation-feedback-folder.zip · the desk", None)]


def test_moodle_knows_its_names_again(door: Door, tmp_path: Path) -> None:
    course, store, download = door.opened.course, door.opened.store, packed(MOODLE)
    (tmp_path / "download.zip").write_bytes(download)
    run = store.begin("correlation", "test")
    for each in find([tmp_path / "download.zip"], course.assignment("correlation"), "moodle"):
        who = {"12345": "ann", "23456": "bob"}[each.student]
        if who == "ann":
            store.add(run, a_result(who, submission=each.record))
    store.finish(run)
    carol = visitor(door, "carol")
    page = asked(carol, "moodle", download)
    assert "with feedback for: 1 of 2" in page.text and "bob: no feedback" in page.text
    folder = "Ann Lee_12345_assignsubmission_file_"
    assert set(saved(carol, page)) == {f"{folder}/correlation.html", f"{folder}/correlation.ipynb"}
    assert not list(tmp_path.rglob("moodle.zip"))  # what was uploaded is kept no longer
    other = asked(carol, "moodle", packed({"a/b.txt": b"x"}))
    assert "There is none" in other.text and str(tmp_path) not in other.text
    for platform in ("moodle", "canvas"):
        refused = asked(carol, platform)
        assert refused.status_code == 409 and f"the zip that {platform} gives" in refused.text
    assert asked(carol, "nbgrader").status_code == 404


def test_it_is_the_staffs_and_bounded(door: Door) -> None:
    job, carol = feedback_zip(door), visitor(door, "carol")
    for who, status in (("ann", 403), ("mia", 403), (None, 401)):
        client = visitor(door, who)
        for place in (PLACE, f"{PLACE}/{job}"):
            assert client.get(place).status_code == status
        # Of whom no byte is taken in: the length alone would be too much for staff, too.
        assert client.post(PLACE, content=b"x" * (3 << 20)).status_code == status
        assert client.post(f"{PLACE}/{job}/drop").status_code == status
    place = urlsplit(door.url)
    with socket.create_connection((place.hostname, place.port)) as raw:
        raw.sendall(f"POST {PLACE} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {1 << 30}\r\n"
                    f"Cookie: session={carol.cookies[door.cookie]}\r\n\r\n".encode())
        assert raw.recv(64).startswith(b"HTTP/1.1 413")
    for name in ("correlation", "%0A", "a%0Db", "%09", "a%3Fb", "a%23b", "%5C"):
        with socket.create_connection((place.hostname, place.port), timeout=60) as raw:
            raw.sendall(f"POST /staff/assignments/{name}/feedback HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                        f"Content-Type: multipart/form-data; boundary=x\r\n"
                        f"Content-Length: {1 << 28}\r\n\r\n".encode())
            assert raw.recv(64).startswith(b"HTTP/1.1 401"), name  # and waits for nothing to come
    assert carol.get(f"{PLACE}/{job}").content == b"PK"  # the control
    for other in ("0" * 16, f"{job}0", f"{job}%0A", "job.json", f"{job}%2f..%2f{job}"):
        assert carol.get(f"{PLACE}/{other}").status_code == 404, other
    other = door.feedback.folder.find(job)
    assert other is not None
    door.feedback.folder.note(other.model_copy(update={"assignment": "another"}))
    assert carol.get(f"{PLACE}/{job}").status_code == 404


def test_one_is_made_at_a_time_and_says_so_if_the_door_was_started_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback_jobs, "_make", never_made)
    with a_door(tmp_path, people=PEOPLE) as door:
        kept, carol = feedback_zip(door), visitor(door, "carol")
        assert carol.post(PLACE, data={"platform": "moodle"}, files=[
            ("download", ("a.zip", packed(MOODLE)))]).status_code == 303
        page = carol.get(PLACE).text
        assert "Being made" in page and 'http-equiv="refresh"' in page and "cut off" not in page
        second = asked(carol, "folder")
        assert second.status_code == 409 and "another zip is being made" in second.text
    assert list(tmp_path.rglob("moodle.zip"))
    again = Door(Workplace(tmp_path / "grader.toml"), "http://127.0.0.1", {"127.0.0.1"})
    try:
        folder = again.feedback.folder
        [cut_off, whole] = folder.all()
        assert (whole.id, whole.is_there, cut_off.ended) == (kept, True, None)
        assert again.feedback.at_work is None
    finally:
        again.close()
    with a_door(tmp_path, people=PEOPLE) as door:
        carol = visitor(door, "carol")
        page = looked(carol, lambda _: not list(tmp_path.rglob("moodle.zip"))).text
        assert "It was cut off" in page and "Save the zip" in page and "data-made" not in page
        assert carol.get(f"{PLACE}/{cut_off.id}").status_code == 404
        assert carol.post(f"{PLACE}/{cut_off.id}/drop").status_code == 303
        assert [each.id for each in door.feedback.folder.all()] == [kept]


def cut_short(leash: Connection, place: Workplace, job: FeedbackJob) -> None:
    """In the place of the process that makes a zip: it is killed while it writes."""
    folder = FeedbackFolder(place.course())
    folder.zip(job).with_name("tmp-of-a-library.zip").write_bytes(b"somebody's feedback")
    folder.note(job.model_copy(update={"done": 3, "many": 9}))
    os.kill(os.getpid(), signal.SIGKILL)


def test_of_one_that_is_killed_nothing_of_anybody_stays(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback_jobs, "_make", cut_short)
    page = asked(visitor(door, "carol"), "moodle", packed(MOODLE))
    assert "It was cut off" in page.text
    [job] = door.feedback.folder.all()
    assert [each.name for each in door.feedback.folder.zip(job).parent.iterdir()] == ["job.json"]
    assert job.done == 3  # the control: it had come so far


def made_and_killed(leash: Connection, place: Workplace, job: FeedbackJob) -> None:
    """In the place of the process that makes a zip: it is killed when all is made."""
    folder = FeedbackFolder(place.course())
    folder.zip(job).write_bytes(b"PK")
    folder.note(job.model_copy(update={"ended": datetime.now(UTC), "many": 1, "written": 1}))
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_is_made_is_kept_however_its_process_ends(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback_jobs, "_make", made_and_killed)
    carol = visitor(door, "carol")
    asked(carol, "folder")
    page = looked(carol, lambda _: not door.feedback.folder.at_work())
    place = str(BeautifulSoup(page.text, "html.parser").select("a.button")[0]["href"])
    assert carol.get(place).content == b"PK"


def test_one_that_never_ends_is_taken_away_and_the_next_is_made(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback_jobs, "_make", never_made)
    carol = visitor(door, "carol")
    assert carol.post(PLACE, data={"platform": "folder"}).status_code == 303
    [job] = door.feedback.folder.all()
    assert asked(carol, "folder").status_code == 409  # the control
    assert carol.post(f"{PLACE}/{job.id}/drop").status_code == 303
    monkeypatch.undo()
    until = time.monotonic() + 120
    while (answer := asked(carol, "folder")).status_code == 409:
        assert time.monotonic() < until
    assert "with feedback for: 0 of 0" in answer.text
    assert [each.id for each in door.feedback.folder.all()] != [job.id]


def made_and_stays(leash: Connection, place: Workplace, job: FeedbackJob) -> None:
    """In the place of the process that makes a zip: it has made it, and ends when it is let go."""
    FeedbackFolder(place.course()).note(job.model_copy(
        update={"ended": datetime.now(UTC), "many": 0}))
    while not (place.toml.with_name("let go").exists() or leash.poll(0.01)):
        pass


def test_the_next_can_be_asked_for_as_soon_as_one_is_there(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lock:
        """That of the door, which lets the process go when somebody wants it."""

        def __init__(self, lock: threading.Lock) -> None:
            self._lock = lock
            self.release = lock.release

        def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
            (tmp_path / "let go").touch()
            return self._lock.acquire(blocking, timeout)

    monkeypatch.setattr(feedback_jobs, "_make", made_and_stays)
    door.feedback.begin("correlation", "folder", "carol", None)
    looked(visitor(door, "carol"), lambda page: not page.select("[data-made]"))
    monkeypatch.setattr(door.feedback, "_lock", Lock(door.feedback._lock))
    door.feedback.begin("correlation", "folder", "carol", None)
    assert len(door.feedback.folder.all()) == 2


@pytest.mark.parametrize("what", ["the upload", "the process", "the thread"])
def test_of_one_that_cannot_begin_nothing_stays(
    what: str, door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*arguments: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(feedback_jobs, "_make", never_made)
    with monkeypatch.context() as patch:
        if what == "the upload":
            patch.setattr(shutil, "copyfileobj", refuses)
        elif what == "the process":
            patch.setattr(type(door.feedback._context.Process()), "start", refuses)
        else:
            patch.setattr(feedback_jobs.FeedbackJobs, "_wait", property(refuses))
        with pytest.raises(ExchangeError, match="No space left"):
            door.feedback.begin("correlation", "moodle", "carol", io.BytesIO(packed(MOODLE)))
    place = feedback_folder(door.opened.course)
    assert door.feedback.at_work is None and not list(place.iterdir())
    door.feedback.begin("correlation", "moodle", "carol", io.BytesIO(packed(MOODLE)))  # the control
    assert len(list(place.glob("*/moodle.zip"))) == 1


def test_none_is_kept_for_longer_than_a_day_nor_more_than_five(door: Door) -> None:
    folder = door.feedback.folder
    old, *others = [feedback_zip(door) for _ in range(7)]
    job = folder.find(old)
    assert job is not None
    beside = folder.zip(job).parents[1] / "somebody's own"
    beside.mkdir()
    folder.sweep()
    assert len(folder.all()) == 5 and folder.find(others[-1]) is not None
    for each in folder.all()[1:]:
        os.utime(folder.zip(each).parent, times=(time.time() - 25 * 3600,) * 2)
    folder.sweep()
    assert len(folder.all()) == 1 and beside.exists()


def test_of_who_is_erased_none_is_left(door: Door) -> None:
    course, store, folder = door.opened.course, door.opened.store, door.feedback.folder
    arrival = store.arrivals.find(hand_in(visitor(door, "ann")))
    assert arrival is not None
    graded(course, store, arrival)
    feedback_zip(door)
    at_work = FeedbackJob.new("correlation", "folder", "carol")
    folder.add(at_work)
    assert len(folder.all()) == 2
    forget(course, store, "ann", "asked")
    assert folder.all() == []
    feedback_making.make(course, at_work)  # which had begun before
    assert folder.all() == [] and not folder.zip(at_work).exists()


def test_what_is_written_while_somebody_is_erased_goes_too_or_is_told(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, store, folder = door.opened.course, door.opened.store, door.feedback.folder
    for who in ("ann", "bob"):
        arrival = store.arrivals.find(hand_in(visitor(door, who)))
        assert arrival is not None
        graded(course, store, arrival)
    rmtree, times, job = shutil.rmtree, list[Path](), folder.find(feedback_zip(door))
    assert job is not None

    def meanwhile(place: Path, **options: bool) -> None:
        rmtree(place, **options)
        times.append(place)
        if len(times) == 1:  # a process noted how far it is, after its note was taken away
            folder.add(job)

    monkeypatch.setattr(shutil, "rmtree", meanwhile)
    assert not any("zips" in line for line in forget(course, store, "ann", "asked").left)
    assert folder.all() == [] and len(times) == 2
    feedback_zip(door)
    monkeypatch.setattr(shutil, "rmtree", lambda place, **options: None)
    assert any("zips of feedback" in line for line in forget(course, store, "bob", "asked").left)


@pytest.mark.wcag("1.4.10", "4.1.3")
def test_a_page_that_is_open_shows_the_zip_as_soon_as_it_is_there(
    door: Door, chromium: api.Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback_jobs, "_make", never_made)
    key = door.opened.store.keys.make(KeyKind.LINK, "carol", timedelta(hours=1))
    reader = Reader(chromium, door, f"{door.url}/enter?key={key}",
                    viewport={"width": PHONE, "height": 740})
    folder, status = door.feedback.folder, reader.page.get_by_role("status")
    other = FeedbackJob.new("correlation", "folder", "mia")  # which another door makes, for long
    held = folder.held(other)
    held.__enter__()
    folder.add(other)
    reader.goes_to(PLACE)
    reader.reads_well(PHONE)
    reader.page.get_by_label("None: a folder for each student").check()
    reader.page.get_by_role("button", name="Make it").click()
    status.nth(1).wait_for()
    reader.reads_well(PHONE)
    job = folder.all()[0]
    folder.note(job.model_copy(update={"done": 7, "many": 9}))
    status.filter(has_text="Being made: 7 of 9").wait_for()
    folder.note(job.model_copy(update={
        "error": "no disk", "done": 9, "many": 9, "ended": datetime.now(UTC)}))
    reader.page.get_by_text("no disk").wait_for()
    assert status.count() == 1
    reader.leave()
    held.__exit__(None, None, None)


def another(tmp_path: Path) -> Door:
    """One more door of the same course."""
    return Door(Workplace(tmp_path / "grader.toml"), "http://127.0.0.1", {"127.0.0.1"})


def test_what_another_door_of_the_course_makes_it_leaves_alone(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback_jobs, "_make", never_made)
    door.feedback.begin("correlation", "moodle", "carol", io.BytesIO(packed(MOODLE)))
    folder = door.feedback.folder
    [job] = folder.all()
    os.utime(folder.zip(job).parent, times=(time.time() - 25 * 3600,) * 2)
    another(tmp_path).close()  # which has looked for what is to be taken away
    assert folder.download(job).exists() and folder.at_work() == {job.id}
    with a_door(tmp_path, people=PEOPLE) as second:
        page = visitor(second, "carol").get(PLACE).text
        assert "Being made" in page and "cut off" not in page
        assert second.feedback.at_work is None
    door.feedback.drop(job)
    looked(visitor(door, "carol"), lambda _: not folder.at_work())
    assert folder.all() == []


def test_what_ends_while_another_door_looks_is_kept(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, job = door.feedback.folder, FeedbackJob.new("correlation", "folder", "carol")
    is_at_work, held = FeedbackFolder.is_at_work, folder.held(job)

    def ends(self: FeedbackFolder, id: str) -> bool:
        folder.zip(job).write_bytes(b"PK")
        folder.note(job.model_copy(update={"ended": datetime.now(UTC)}))
        held.__exit__(None, None, None)
        return is_at_work(self, id)

    held.__enter__()
    folder.add(job)
    with monkeypatch.context() as patch:
        patch.setattr(FeedbackFolder, "is_at_work", ends)
        folder.leave_cut_off()
    assert folder.zip(job).read_bytes() == b"PK"
    folder.note(job)  # the control: not ended, and nobody's
    folder.leave_cut_off()
    assert not folder.zip(job).exists()


def held_until_killed(place: Workplace, job: FeedbackJob, is_held: Event) -> None:
    """In a process of its own: a door that makes a zip."""
    folder = FeedbackFolder(place.course())
    with folder.held(job):
        folder.add(job)
        is_held.set()
        signal.pause()


def test_what_a_killed_door_made_is_nobodys_however_many_look(door: Door) -> None:
    folder, job = door.feedback.folder, FeedbackJob.new("correlation", "folder", "carol")
    context = multiprocessing.get_context("spawn")
    is_held = context.Event()
    process = context.Process(target=held_until_killed, args=(door.place, job, is_held))
    process.start()
    assert is_held.wait(60) and folder.at_work() == {job.id}
    process.kill()
    process.join()

    def looks(_: int) -> bool:
        return any(folder.is_at_work(job.id) for _ in range(1000))

    with ThreadPoolExecutor(4) as threads:
        assert not any(threads.map(looks, range(4)))


def test_a_disk_that_says_nothing_of_locks_costs_no_zip(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object, **options: object) -> None:
        raise OSError(errno.ESTALE, "Stale file handle")

    folder, job = door.feedback.folder, FeedbackJob.new("correlation", "folder", "carol")
    with folder.held(job):
        folder.add(job)
        folder.zip(job).write_bytes(b"P")
        with monkeypatch.context() as patch:
            patch.setattr(fcntl, "flock", refuses)
            folder.leave_cut_off()
            assert folder.at_work() == {job.id}
        monkeypatch.setattr(Path, "unlink", refuses)
    assert folder.zip(job).exists() and not folder.at_work()
