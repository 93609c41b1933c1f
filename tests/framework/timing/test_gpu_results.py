"""What becomes of a question that is timed on a GPU: the timekeeper's side, on one that is none."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from fake_gpu import Work, World
from played import Hands, Played, Program, Stage, honest, stage
from timed import BASELINE, timed_course

from autograder import gradebook
from autograder.course import Course
from autograder.result import (
    CheckResult,
    Environment,
    QuestionResult,
    Result,
    Status,
    SubmissionRecord,
    SubmissionStatus,
    for_student,
)
from autograder.submission import Submission
from autograder.timing import timekeeper
from autograder.timing.pending import with_timed
from autograder.timing.timekeeper import Timekeeper

GRADER_TOML = """
[course]
name = "Convolution"
secret_file = "secret"
[assignments.fast]
title = "Fast convolution"
[[assignments.fast.questions]]
name = "conv2d_fast"
title = "Convolution"
points = 3
[[assignments.fast.questions]]
name = "speed"
title = "Speed"
points = 2
BONUS
[assignments.fast.questions.performance]
of = "conv2d_fast"
device = "cuda"
problems = [{ tensors = [[2, 3, 9, 8], [4, 3, 3, 3], [4]], numbers = [1, 1] }]
"""


def lab(folder: Path, bonus: str = "bonus = true") -> Course:
    return timed_course(folder, GRADER_TOML.replace("BONUS", bonus))


def examined(course: Course) -> Result:
    check = CheckResult(id="test_values", title="Values", status=Status.PASSED,
                        earned=Fraction(1))
    submission = Submission(student="ann", assignment="fast", files={}, submitted_at=None)
    question = QuestionResult(name="conv2d_fast", status=Status.PASSED, checks=[check])
    return with_timed(Result(
        assignment="fast", student="ann", status=SubmissionStatus.GRADED, questions=[question],
        submission=SubmissionRecord(digest=submission.digest, files={}),
        environment=Environment(autograder="0", python="3", torch="2", platform="linux",
                                sandbox="namespaces", suite="s", seed="0"),
    ), course.assignment("fast"), None, {})


Timing = Callable[..., tuple[QuestionResult, int]]


@pytest.fixture
def timing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Timing:
    """Time the program of a student's on a device: the question, and how often it was opened."""
    def timing(program: Program, on: Stage) -> tuple[QuestionResult, int]:
        course, opened = lab(tmp_path), []

        def opened_gpu() -> Any:
            opened.append(on.gpu)
            return on.gpu

        def runner(self: Timekeeper, notebook: Any, *rest: Any) -> Played:
            is_staff = notebook is self._staff
            return Played(on.gpu, on.world, "staff" if is_staff else "student",
                          honest if is_staff else program)

        monkeypatch.setattr(timekeeper, "opened_gpu", opened_gpu)
        monkeypatch.setattr(Timekeeper, "_runner", runner)
        submission = Submission(student="ann", assignment="fast",
                                files={"fast.py": BASELINE.encode()}, submitted_at=None)
        with Timekeeper(course, "fast") as keeper:
            questions = [course.assignment("fast").questions[1]]
            result = keeper.time(submission, examined(course), questions)
            if result.questions[1].status is Status.DEFERRED:  # and is timed again
                result = keeper.time(submission, result, questions)
        return result.questions[1], len(opened)

    return timing


@pytest.mark.parametrize("shares", [True, False], ids=["shared", "timed"])
def test_points_and_how_numbers_got_there(timing: Timing, shares: bool) -> None:
    found, _ = timing(honest, stage(World(shares=shares)))
    assert (found.status, found.earned) == (Status.PASSED, 1)
    assert found.performance is not None
    assert (found.performance.device, found.performance.transfer) == (
        "cuda", "shared" if shares else "timed")


def leaves_work(hands: Hands) -> None:
    honest(hands)
    hands.leave(0.1)


def test_work_that_is_left_is_for_staff_to_look_at(timing: Timing, tmp_path: Path) -> None:
    found, opened = timing(leaves_work, stage())
    assert (found.status, found.earned, opened) == (Status.DEFERRED, 0, 1)
    assert str(found.message).startswith("It left work running on the device")
    assert found.performance is not None
    assert "left work running on the device after" in found.performance.suspicion
    result = examined(lab(tmp_path)).model_copy(update={"questions": [found]})
    shown = for_student(result).questions[0].performance
    assert shown is not None and shown.suspicion == ""


def test_a_neighbour_on_the_device_defers(timing: Timing) -> None:
    on = stage()
    on.world.give("neighbour", Work(left=1e6))
    found, _ = timing(honest, on)
    assert (found.status, str(found.message)) == (
        Status.DEFERRED, "The machine was too busy to time it fairly; it will be timed again.")


def test_a_device_that_fails_defers_and_is_opened_anew(timing: Timing) -> None:
    def strikes(hands: Hands) -> None:
        hands.world.faulty.add("judge")

    found, opened = timing(strikes, stage())
    assert (found.status, opened) == (Status.DEFERRED, 2)
    assert "The grader failed while it timed this" in str(found.message)


def test_a_device_that_cannot_be_opened_defers(
    timing: Timing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> Any:
        raise OSError("libcuda.so.1: no such file")

    monkeypatch.setattr(timekeeper, "opened_gpu", fails)
    course = lab(tmp_path)
    with Timekeeper(course, "fast") as keeper:
        submission = Submission(student="ann", assignment="fast",
                                files={"fast.py": BASELINE.encode()}, submitted_at=None)
        found = keeper.time(submission, examined(course), course.assignment("fast").questions[1:])
    assert found.questions[1].status is Status.DEFERRED
    assert "could not use the device" in str(found.questions[1].message)
    assert found.questions[1].performance is not None
    assert "libcuda" in found.questions[1].performance.suspicion


@pytest.mark.parametrize(("bonus", "most", "waiting"), [
    ("bonus = true", 3, []), ("", 5, ["speed"])])
def test_without_a_gpu_a_bonus_costs_nobody_and_a_course_may_have_it_count(
    tmp_path: Path, bonus: str, most: int, waiting: list[str]
) -> None:
    """No grade waits for a bonus that a course has no machine for."""
    course = lab(tmp_path, bonus)
    grade = gradebook.grade(course, examined(course))
    assert (grade.score, grade.max_score, grade.open) == (3, most, waiting)
