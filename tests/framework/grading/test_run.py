"""Many submissions: none lost, none graded twice, whoever dies or presses Ctrl-C."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fake_judge
import pytest
import warm
from fake_judge import fake_jury, graded, notes

from autograder import course, gradebook
from autograder.course import Course
from autograder.grading import executors, run
from autograder.grading.interrupts import Interrupted
from autograder.intake import KeptFiles
from autograder.judge import JudgeError
from autograder.result import Result, SubmissionStatus, sentence
from autograder.store import Store, StoreError
from autograder.submission import Submission, find

DUE = datetime(2026, 10, 12, 12, 0, tzinfo=UTC)
PATIENCE = 60  # seconds until a process that should have ended counts as one that never will

GRADER_TOML = """
[course]
name = "Convolution"
secret_file = "secret"
[late]
grace_minutes = 30
per_day = 0.10
cap = 0.25
[extensions.ann]
correlation = 2026-10-20T12:00:00Z
[assignments.correlation]
title = "Cross-correlation"
due = {due:%Y-%m-%dT%H:%M:%SZ}
questions = [{{ name = "corr2d", title = "Cross-correlation", points = 4 }}]
"""


def a_course(root: Path, due: datetime = DUE) -> Course:
    (root / "grader.toml").write_text(GRADER_TOML.format(due=due), encoding="utf-8")
    return course.load(root / "grader.toml")


@pytest.fixture
def lab(tmp_path: Path) -> Course:
    return a_course(tmp_path)


@pytest.fixture
def store(lab: Course) -> Iterator[Store]:
    with Store(lab) as store:
        yield store


def handed_in(lab: Course, *students: str, at: datetime = DUE) -> list[Submission]:
    """A notebook of each student, all different, as files on disk that are found there."""
    folder = lab.root / "handed-in"
    folder.mkdir(exist_ok=True)
    submissions = []
    for student in students:
        file = folder / f"{student}.py"
        file.write_text(f"def corr2d(X, K):\n    return {student!r}\n", encoding="utf-8")
        [submission] = find([file], lab.assignment("correlation"))
        submissions.append(replace(submission, submitted_at=at))
    return submissions


def grade(lab: Course, store: Store, submissions: Sequence[Submission], *, suite: str = "5" * 64,
          trouble: str = "", workers: int | None = None, **options: Any) -> list[Result]:
    """The results in the order of the submissions."""
    results = {}
    progress = options.pop("progress", lambda result, fresh: None)

    def keep(result: Result, fresh: bool) -> None:
        results[result.student, result.submission.digest] = result
        progress(result, fresh)

    jury = fake_jury(lab, suite=suite, trouble=trouble)
    run.grade(lab, "correlation", submissions, jury,
              executors.local(jury.make_judge, len(submissions), workers),
              store=store, progress=keep, **options)
    return [results[submission.student, submission.digest] for submission in submissions]


def statuses(results: Sequence[Result]) -> dict[str, SubmissionStatus]:
    return {result.student: result.status for result in results}


def worth(lab: Course, result: Result) -> tuple[int, float, float]:
    """Days late, what they take, and what is left."""
    found = gradebook.grade(lab, result)
    return found.late_days, found.penalty, found.score


GRADED, INTERNAL = SubmissionStatus.GRADED, SubmissionStatus.INTERNAL


# Once, and only once --------------------------------------------------------------------------

def test_every_submission_is_graded_once(lab: Course, store: Store) -> None:
    submissions = handed_in(lab, "dan", "ann", "cem", "bob")
    results = grade(lab, store, submissions, workers=2)
    assert [result.student for result in results] == ["dan", "ann", "cem", "bob"]
    assert sorted(graded(lab.root)) == ["ann", "bob", "cem", "dan"]


def test_a_run_can_be_seen_to_live_before_it_keeps_a_file(
    lab: Course, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or an erasure beside it would take files away that the run needs."""
    refused: list[str] = []

    def keep(kept: KeptFiles, submission: Submission) -> None:
        with Store(lab) as other, pytest.raises(StoreError, match="is being graded"):
            other.persons.sweep(kept.sweep)
        refused.append(submission.student)

    monkeypatch.setattr(KeptFiles, "keep", keep)
    grade(lab, store, handed_in(lab, "ann", "bob"))
    assert refused == ["ann", "bob"]
    with Store(lab) as other:
        assert other.persons.sweep(KeptFiles(lab).sweep) == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_graded_already_is_not_graded_again(
    lab: Course, store: Store, workers: int
) -> None:
    submissions = handed_in(lab, "ann", "bob")
    first = grade(lab, store, submissions, workers=workers)
    told: list[tuple[str, bool]] = []
    second = grade(lab, store, [*submissions, *handed_in(lab, "cem")], workers=workers,
                   progress=lambda result, fresh: told.append((result.student, fresh)))
    assert sorted(graded(lab.root)) == ["ann", "bob", "cem"]
    assert second[:2] == first
    assert told == [("ann", False), ("bob", False), ("cem", True)]


def test_when_all_is_graded_no_judge_is_seated(lab: Course, store: Store) -> None:
    submissions = handed_in(lab, "ann", "bob")
    first = grade(lab, store, submissions, workers=1)
    assert grade(lab, store, submissions, trouble="broken suite") == first


def test_force_grades_again(lab: Course, store: Store) -> None:
    submissions = handed_in(lab, "ann")
    grade(lab, store, submissions)
    grade(lab, store, submissions, force=True)
    assert graded(lab.root) == ["ann", "ann"]
    assert len(store.history("ann")) == 2


def test_a_changed_suite_grades_again(lab: Course, store: Store) -> None:
    submissions = handed_in(lab, "ann")
    for suite in ("5" * 64, "6" * 64, "5" * 64):
        grade(lab, store, submissions, suite=suite)
    assert graded(lab.root) == ["ann", "ann"]


def test_a_changed_submission_is_graded_again(lab: Course, store: Store) -> None:
    grade(lab, store, handed_in(lab, "ann"))
    (lab.root / "handed-in" / "ann.py").write_text("corr2d = None\n", encoding="utf-8")
    grade(lab, store, find([lab.root / "handed-in" / "ann.py"], lab.assignment("correlation")))
    assert graded(lab.root) == ["ann", "ann"]


def test_a_fault_of_ours_is_graded_again_by_the_next_run(lab: Course, store: Store) -> None:
    submissions = handed_in(lab, "internal", "ann")
    assert statuses(grade(lab, store, submissions, workers=1))["internal"] is INTERNAL
    assert statuses(grade(lab, store, submissions, workers=1))["internal"] is GRADED
    assert graded(lab.root) == ["internal", "ann", "internal"]


def test_one_student_can_hand_in_twice(lab: Course, store: Store) -> None:
    first, second = handed_in(lab, "ann", "bob")
    results = grade(lab, store, [first, replace(second, student="ann")], workers=1)
    assert [result.student for result in results] == ["ann", "ann"]
    assert results[0].submission.digest != results[1].submission.digest


def test_a_submission_that_cannot_be_read_says_why_and_needs_no_judge(
    lab: Course, store: Store
) -> None:
    problem = sentence("{name} is not a notebook.", name="lab.docx")
    submissions = [replace(handed_in(lab, "ann")[0], problem=problem)]
    for _ in range(2):
        [result] = grade(lab, store, submissions, trouble="broken suite")
        assert (result.status, result.message) == (SubmissionStatus.UNREADABLE, problem)
        assert worth(lab, result) == (0, 0, 0)
    assert len(store.history("ann")) == 1


def test_no_submissions_are_no_results(lab: Course, store: Store) -> None:
    assert grade(lab, store, [], trouble="broken suite") == []


# Lateness -------------------------------------------------------------------------------------

def test_graded_results_are_less_their_lateness(lab: Course, store: Store) -> None:
    [result] = grade(lab, store, handed_in(lab, "bob", at=DUE + timedelta(hours=1)))
    assert worth(lab, result) == (1, 0.23, 2.02)
    assert [entry.score for entry in store.history("bob")] == [2.02]


def test_a_moved_due_date_changes_the_score_without_grading_again(
    lab: Course, store: Store
) -> None:
    submissions = handed_in(lab, "bob", at=DUE + timedelta(hours=1))
    grade(lab, store, submissions)
    moved = a_course(lab.root, due=DUE + timedelta(days=2))
    for _ in range(2):
        [result] = grade(moved, store, submissions)
        assert worth(moved, result) == (0, 0, 2.25)
    assert graded(lab.root) == ["bob"]
    with Store(moved) as later:
        assert [entry.score for entry in later.history("bob")] == [2.25]


def test_a_deadline_that_comes_with_a_submission_is_kept_with_it(
    lab: Course, store: Store
) -> None:
    [submission] = handed_in(lab, "bob", at=DUE + timedelta(hours=1))
    grade(lab, store, [submission])
    [extended] = grade(lab, store, [replace(submission, due=DUE + timedelta(days=2))])
    assert graded(lab.root) == ["bob"]
    assert worth(lab, extended) == (0, 0, 2.25)
    assert store.counting("correlation", "latest") == [extended]
    assert [entry.score for entry in store.history("bob")] == [2.02, 2.25]


def test_equal_files_are_graded_once_and_each_student_has_their_own_lateness(
    lab: Course, store: Store
) -> None:
    [original] = handed_in(lab, "bob")
    copied = replace(original, student="cem", submitted_at=DUE + timedelta(hours=1))
    grade(lab, store, [original])
    for _ in range(2):
        results = grade(lab, store, [original, copied])
        assert [worth(lab, result)[2] for result in results] == [2.25, 2.02]
        assert [result.student for result in results] == ["bob", "cem"]
    assert graded(lab.root) == ["bob"]
    assert [len(store.history(student)) for student in ("bob", "cem")] == [1, 1]


# Processes ------------------------------------------------------------------------------------

def test_one_submission_is_graded_in_this_process(lab: Course, store: Store) -> None:
    grade(lab, store, handed_in(lab, "ann"), workers=4)
    assert notes(lab.root) == [(what, os.getpid()) for what in ("seated", "ann", "closed")]


def test_each_process_seats_one_judge_and_closes_it(lab: Course, store: Store) -> None:
    grade(lab, store, handed_in(lab, *(f"s{number}" for number in range(7))), workers=2)
    noted = notes(lab.root)
    processes = {process for _, process in noted}
    assert len(processes) <= 2 and os.getpid() not in processes
    for process in processes:
        alone = [what for what, where in noted if where == process]
        assert alone[0] == "seated" and alone[-1] == "closed"
        assert alone.count("seated") == 1


def test_a_submission_that_kills_its_process_costs_nobody_else_anything(
    lab: Course, store: Store
) -> None:
    others = [f"s{number}" for number in range(6)]
    names = [*others[:2], "segfault-1", *others[2:4], "segfault-2", *others[4:]]
    results = grade(lab, store, handed_in(lab, *names), workers=2)
    assert statuses(results) == dict.fromkeys(others, GRADED) | {
        "segfault-1": INTERNAL, "segfault-2": INTERNAL}
    for killer in ("segfault-1", "segfault-2"):
        assert graded(lab.root).count(killer) >= 2
        message = next(result.message for result in results if result.student == killer)
        assert "ended the grader's own process twice" in str(message)


def test_a_submission_that_kills_processes_never_kills_a_later_run(
    lab: Course, store: Store
) -> None:
    submissions = handed_in(lab, "segfault", "ann")
    times = []
    for _ in range(2):
        results = grade(lab, store, submissions, workers=2)
        assert statuses(results) == {"segfault": INTERNAL, "ann": GRADED}
        times.append({name: graded(lab.root).count(name) for name in ("segfault", "ann")})
    first, second = times
    assert second["segfault"] > first["segfault"]
    assert second["ann"] == first["ann"] in (1, 2)  # 2: she was in the pool when it broke


def test_a_submission_that_was_unlucky_once_is_graded(lab: Course, store: Store) -> None:
    results = grade(lab, store, handed_in(lab, "unlucky", "s1", "s2", "s3"), workers=2)
    assert set(statuses(results).values()) == {GRADED}
    assert graded(lab.root).count("unlucky") == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_a_judge_that_cannot_start_stops_the_run(
    lab: Course, store: Store, workers: int
) -> None:
    with pytest.raises(JudgeError, match=r"test_corr2d\.py: no such question"):
        grade(lab, store, handed_in(lab, "ann", "bob"), workers=workers, trouble="broken suite")
    assert store.history("ann") == []


def test_a_judge_whose_process_dies_at_the_start_stops_the_run(lab: Course, store: Store) -> None:
    with pytest.raises(JudgeError, match="died while it started"):
        grade(lab, store, handed_in(lab, "ann", "bob"), workers=2, trouble="dies at once")


class Pickled(str):
    """A file name that counts how often it was sent to another process."""

    times = 0

    def __reduce__(self) -> tuple[Any, ...]:
        type(self).times += 1
        return str, (str(self),)


def test_only_a_few_submissions_are_handed_over_at_a_time(lab: Course, store: Store) -> None:
    submissions = [replace(submission, student=Pickled(submission.student))
                   for submission in handed_in(lab, *(f"s{number}" for number in range(20)))]
    Pickled.times = 0
    done: list[str] = []

    def watch(result: Result, fresh: bool) -> None:
        done.append(result.student)
        assert Pickled.times - len(done) <= 4

    grade(lab, store, submissions, workers=2, progress=watch)
    assert len(done) == Pickled.times == 20


# Cut off --------------------------------------------------------------------------------------

class Program:
    """A real run of the command line, of which a judge says through a pipe that it is busy."""

    def __init__(self, root: Path) -> None:
        os.mkfifo(root / "fifo")
        self._fifo = os.open(root / "fifo", os.O_RDONLY | os.O_NONBLOCK)
        self.process = subprocess.Popen(
            [sys.executable, fake_judge.__file__, *command(root)], start_new_session=True,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def wait_until_busy(self, judges: int) -> None:
        heard = b""
        while heard.count(b"\n") < judges:
            piece = self._hear()
            assert piece, "the judge is gone"
            heard += piece

    def judges_ended(self) -> bool:
        """Whether every process that had the pipe open has ended."""
        return self._hear() == b""

    def _hear(self) -> bytes:
        ready, _, _ = select.select([self._fifo], [], [], PATIENCE)
        assert ready, "nothing was heard from the judge's process, neither a word nor its end"
        return os.read(self._fifo, 1 << 10)

    def close(self) -> None:
        os.close(self._fifo)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()


CLASS = [*(f"s{number}" for number in range(8)), "waits-1", "waits-2"]


def command(root: Path) -> list[str]:
    return ["grade", "correlation", str(root / "handed-in"), "-o", str(root / "reports"),
            "--course", str(root / "grader.toml"), "-j", "3"]


@pytest.fixture
def program(lab: Course) -> Iterator[Program]:
    """A run with three judges, two of them busy for ever with the last two submissions.

    At most six are handed over at a time, so some of the others are kept already.
    """
    secret = lab.root / "secret"
    secret.write_text("a secret that is long enough", encoding="utf-8")
    secret.chmod(0o600)
    handed_in(lab, *CLASS)
    program = Program(lab.root)
    try:
        program.wait_until_busy(judges=2)
        yield program
    finally:
        program.close()


def kept(lab: Course) -> set[str]:
    with Store(lab) as store:
        return {student for student in CLASS if store.history(student)}


def the_same_command_grades_the_others(lab: Course) -> bool:
    """Run it again, with judges that do not wait any more."""
    done, before = kept(lab), len(graded(lab.root))
    (lab.root / "fifo").unlink()
    again = warm.program("fake_judge:main", "autograder", *command(lab.root), cwd=lab.root)
    assert again.returncode == 0, again.stderr
    assert 4 <= len(done) <= 8
    assert kept(lab) == set(CLASS)
    return sorted(graded(lab.root)[before:]) == sorted(set(CLASS) - done)


def test_ctrl_c_stops_everything_says_how_far_it_got_and_can_be_continued(
    lab: Course, program: Program
) -> None:
    os.killpg(program.process.pid, signal.SIGINT)
    output, messages = program.process.communicate(timeout=PATIENCE)
    assert program.process.returncode == 130
    told = re.search(r"^interrupted: (\d+) of 10 submissions are graded and kept; "
                     r"run the same command again to grade the others\n\Z", messages, re.M)
    assert told, messages
    # One more is kept when Ctrl-C comes between writing a result and counting it.
    assert len(kept(lab)) - int(told[1]) in (0, 1)
    assert output == ""
    assert program.judges_ended()
    assert the_same_command_grades_the_others(lab)


def test_a_run_killed_by_force_leaves_no_process_and_can_be_continued(
    lab: Course, program: Program
) -> None:
    program.process.kill()
    assert program.judges_ended()
    assert the_same_command_grades_the_others(lab)


@pytest.mark.parametrize("who", ["interrupts", "deaf"])
def test_ctrl_c_in_this_process_keeps_what_is_graded(
    who: str, lab: Course, store: Store
) -> None:
    """Also where the first one is lost in the midst of something."""
    submissions = handed_in(lab, "ann", "bob", who, "cem")
    with pytest.raises(Interrupted, match=r"2 of 4"):
        grade(lab, store, submissions, workers=1)
    assert notes(lab.root)[-1] == ("closed", os.getpid())
    grade(lab, store, submissions, workers=1)
    assert graded(lab.root) == ["ann", "bob", who, who, "cem"]


# Equal files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2])
def test_equal_files_are_judged_once_whosever_they_are(
        workers: int, lab: Course, store: Store) -> None:
    [first] = handed_in(lab, "ann")
    team = [first, *(replace(first, student=name, team="x", handed_in_by="ann")
                     for name in ("bob", "cid"))]
    results = grade(lab, store, team, workers=workers)
    assert graded(lab.root) == ["ann"]
    assert [result.student for result in results] == ["ann", "bob", "cid"]
    assert results[1].submission.handed_in_by == "ann" and results[1].submission.team == "x"
    assert grade(lab, store, team, workers=workers) == results
    assert graded(lab.root) == ["ann"]


def test_equal_files_are_judged_again_once_when_that_is_wanted(lab: Course, store: Store) -> None:
    [first] = handed_in(lab, "ann")
    team = [first, replace(first, student="bob")]
    grade(lab, store, team)
    fresh = []
    grade(lab, store, team, force=True, progress=lambda result, new: fresh.append(new))
    assert graded(lab.root) == ["ann", "ann"]
    assert fresh == [True, False]


def test_the_last_hand_in_of_a_team_counts_for_each_of_them(lab: Course, store: Store) -> None:
    first, last = handed_in(lab, "ann"), handed_in(lab, "bob", at=DUE + timedelta(hours=1))
    both = [replace(each, student=member) for each in (*first, *last) for member in ("ann", "bob")]
    grade(lab, store, both)
    counting = store.counting("correlation")
    assert [result.submission.digest for result in counting] == [last[0].digest] * 2
