"""A judge that does as the student's name says: real ones do not crash, hang or raise on demand.

Run as a program, it is the real command line with a jury of this judge.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from fractions import Fraction
from functools import partial
from importlib import metadata
from pathlib import Path

from autograder import __version__, cli
from autograder.course import Course, Tier
from autograder.grading import jury
from autograder.result import (
    CheckResult,
    Environment,
    QuestionResult,
    Result,
    Status,
    SubmissionStatus,
    sentence,
)
from autograder.submission import Submission

SUITE = "5" * 64
SEED = "5eed"
ANSWER = QuestionResult(
    name="corr2d", status=Status.FAILED,
    checks=[CheckResult(id="test_all", title="Everything.", status=Status.FAILED,
                        earned=Fraction(9, 16))])


_ONCE = ("unlucky", "interrupts", "deaf", "internal")  # trouble that is over when it is seen


class FakeJudge:
    """Gives 2.25 of 4 points, and notes in ``log`` whom it graded, and in which process."""

    def __init__(self, root: Path, suite: str = SUITE, trouble: str = "") -> None:
        match trouble:
            case "broken suite":
                from autograder.judge import JudgeError  # imports torch: not in every process

                raise JudgeError("test_corr2d.py: no such question")
            case "dies at once":
                os.kill(os.getpid(), signal.SIGKILL)
        self._root = root
        self._suite = suite
        self._note("seated")

    def grade(self, submission: Submission, earlier: Result | None = None) -> Result:
        student = submission.student
        trouble = student.split("-")[0]
        # Whose name says nothing of it is not looked up: classes of thousands are graded so.
        before = trouble in _ONCE and student in graded(self._root)
        self._note(student)
        status = SubmissionStatus.GRADED
        match trouble:
            case "segfault":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "unlucky" if not before:
                os.kill(os.getpid(), signal.SIGKILL)
            case "waits" if (self._root / "fifo").exists():
                with (self._root / "fifo").open("w", encoding="utf-8") as fifo:
                    fifo.write(f"{os.getpid()}\n")
                    fifo.flush()
                    while True:
                        signal.pause()
            case "interrupts" if not before:
                raise KeyboardInterrupt
            case "deaf" if not before:  # to a first Ctrl-C, as a destructor is
                with suppress(KeyboardInterrupt):
                    os.kill(os.getpid(), signal.SIGINT)
                while True:
                    signal.pause()
            case "internal" if not before:
                status = SubmissionStatus.INTERNAL
        return Result(
            assignment=submission.assignment, student=student, status=status,
            message=None if status is SubmissionStatus.GRADED else sentence("The grader failed."),
            questions=[ANSWER], submission=submission.record,
            environment=Environment(
                autograder=__version__, python="3.11", torch=metadata.version("torch"),
                platform="linux", sandbox="namespaces", suite=self._suite, seed=SEED))

    def close(self) -> None:
        self._note("closed")

    def _note(self, what: str) -> None:
        with (self._root / "log").open("a", encoding="utf-8") as log:
            log.write(f"{what} {os.getpid()}\n")


def notes(root: Path) -> list[tuple[str, int]]:
    """What the judges of ``root`` noted, and in which process."""
    file = root / "log"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [(what, int(process)) for what, process in (line.rsplit(" ", 1) for line in lines)]


def graded(root: Path) -> list[str]:
    """Whom judges began to grade, in order."""
    return [what for what, _ in notes(root) if what not in {"seated", "closed"}]


def fake_jury(course: Course, assignment: str = "", *, secret: bytes = b"",
              tier: Tier | None = None, suite: str = SUITE, trouble: str = "") -> jury.Jury:
    make_judge = partial(FakeJudge, course.root, suite, trouble)
    return jury.Jury(make_judge, {}, suite, SEED, ("namespaces",))


def main() -> None:
    jury.of_course = fake_jury
    cli.main()


if __name__ == "__main__":
    main()
