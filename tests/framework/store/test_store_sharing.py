"""Several runs on one store at the same time: each student has one result, whoever dies."""

from __future__ import annotations

import os
import select
import signal
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest
import warm
from databases import Server, a_course, a_result, ask, lab, server
from fake_judge import graded

from autograder.course import Course
from autograder.store import Store, StoreError
from autograder.submission import Submission

__all__ = ["lab", "server"]  # fixtures
PATIENCE = 60  # seconds until a process that should have ended counts as one that never will
MONDAY = datetime(2026, 10, 12, tzinfo=UTC)


def submission(student: str) -> Submission:
    return Submission(student, "correlation", {"lab.py": student.encode()}, MONDAY)


def names(submissions: list[Submission]) -> list[str]:
    return [each.student for each in submissions]


# Claims ---------------------------------------------------------------------------------------

def test_what_one_run_has_claimed_another_passes_over(lab: Course) -> None:
    with Store(lab) as one, Store(lab) as other, \
            one.claims(one.begin("correlation", "")) as mine, \
            other.claims(other.begin("correlation", "")) as theirs:
        everybody = [submission(name) for name in ("ann", "bob", "cem", "dan")]
        waiting, also_waiting = deque(everybody), deque(everybody)
        assert names(mine.take(waiting, 2)) == ["ann", "bob"]
        assert names(theirs.take(also_waiting, 1)) == ["cem"]
        assert names(list(also_waiting)) == ["ann", "bob", "dan"]
        assert names(mine.take(waiting, 9)) == ["dan"]
        assert theirs.take(also_waiting, 9) == []


def test_a_claim_ends_when_its_result_is_kept_or_it_is_let_go(lab: Course) -> None:
    with Store(lab) as one, Store(lab) as other, \
            other.claims(other.begin("correlation", "")) as theirs:
        run = one.begin("correlation", "")
        with one.claims(run) as mine:
            ann, bob = submission("ann"), submission("bob")
            mine.take(deque([ann, bob]), 2)
            one.add(run, a_result("ann", digest=ann.digest))
            assert names(theirs.take(deque([ann, bob]), 2)) == ["ann"]
            mine.release(bob)
            assert names(theirs.take(deque([bob]), 1)) == ["bob"]


def test_claims_end_with_their_run(lab: Course) -> None:
    with Store(lab) as one, Store(lab) as other, \
            other.claims(other.begin("correlation", "")) as theirs:
        with one.claims(one.begin("correlation", "")) as mine:
            mine.take(deque([submission("ann")]), 1)
            assert theirs.take(deque([submission("ann")]), 1) == []
        assert names(theirs.take(deque([submission("ann")]), 1)) == ["ann"]
    assert ask(lab, "SELECT count(*) FROM claims") == [(0,)]


def test_a_run_that_lost_its_connection_keeps_nothing_any_more(
    server: Server, tmp_path: Path
) -> None:
    """Its lock is gone, so another run may be grading the same."""
    lab = a_course(tmp_path, server.new())
    with Store(lab) as one, Store(lab) as other, \
            other.claims(other.begin("correlation", "")) as theirs:
        run = one.begin("correlation", "")
        with one.claims(run) as mine:
            mine.take(deque([submission("ann")]), 1)
            ask(lab, "SELECT pg_terminate_backend(pid) FROM pg_locks "
                     f"WHERE locktype = 'advisory' AND objid = {run}")
            assert names(theirs.take(deque([submission("ann")]), 1, wait=True)) == ["ann"]
            with pytest.raises(StoreError, match="the database refused"):
                one.add(run, a_result("ann"))
        assert other.history("ann") == []


# Real runs ------------------------------------------------------------------------------------

CLASS = [f"x{number:02}" for number in range(40)]


@dataclass
class Grader:
    """``autograder grade`` on the whole class, in a process of its own."""

    process: warm.Started
    said: IO[str]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def wait(self) -> str:
        said = self.said.read()
        assert self.process.wait(PATIENCE) == 0, said
        return said


@contextmanager
def grading(lab: Course, *options: str) -> Iterator[Grader]:
    with warm.started("fake_judge:main", "autograder", "grade", "correlation",
                      str(lab.root / "handed-in"), "--course", str(lab.root / "grader.toml"),
                      *options, cwd=lab.root) as (process, said):
        grader = Grader(process, said)
        yield grader
        grader.kill()


def hand_in(lab: Course, *students: str) -> None:
    (lab.root / "handed-in").mkdir()
    for student in students:
        (lab.root / "handed-in" / f"{student}.py").write_text(
            f"def corr2d(X, K):\n    return {student!r}\n", encoding="utf-8")


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_SECRET", "a secret that is long enough")


def test_two_graders_share_a_class_and_each_tells_of_everybody(lab: Course) -> None:
    hand_in(lab, *CLASS)
    with grading(lab, "-j", "1", "-o", str(lab.root / "one")) as one, \
            grading(lab, "-j", "1", "-o", str(lab.root / "two")) as two:
        for output in (one.wait(), two.wait()):
            assert "40 graded" in output
    assert sorted(graded(lab.root)) == CLASS
    rows = ask(lab, "SELECT student, count(*) FROM results GROUP BY student")
    assert dict(rows) == dict.fromkeys(CLASS, 1)
    assert ask(lab, "SELECT count(*) FROM claims") == [(0,)]
    assert list(lab.root.rglob("*-run*")) == []
    for reports in ("one", "two"):
        assert len(list((lab.root / reports / "correlation").glob("x*.html"))) == 40


def test_what_a_killed_grader_had_claimed_is_graded_by_the_other(lab: Course) -> None:
    hand_in(lab, "waits-1", *CLASS)
    os.mkfifo(lab.root / "fifo")
    fifo = os.open(lab.root / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    with grading(lab, "-j", "1") as killed:
        # It has claimed some, and hangs in one of them.
        while "waits-1" not in graded(lab.root):
            assert select.select([fifo], [], [], PATIENCE)[0]
            os.read(fifo, 1 << 10)
        claimed = {student for (student,) in ask(lab, "SELECT student FROM claims")}
        assert "waits-1" in claimed and len(claimed) > 1
        (lab.root / "fifo").unlink()
        with grading(lab, "-j", "1") as other:
            killed.kill()
            assert "41 graded" in other.wait()
    os.close(fifo)
    rows = ask(lab, "SELECT student, count(*) FROM results GROUP BY student")
    assert dict(rows) == dict.fromkeys(["waits-1", *CLASS], 1)
    assert Counter(graded(lab.root)) == Counter(["waits-1", "waits-1", *CLASS])
