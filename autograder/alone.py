"""One submission, graded where no store is: in a container, in CI, inside another grader."""

from __future__ import annotations

from pathlib import Path

from autograder import run
from autograder.course import Course, Tier, load
from autograder.course import Store as StoreTable
from autograder.result import Result
from autograder.store import Store
from autograder.submission import Submission

SECRET = "secret"  # the file beside a bundled course's grader.toml


def opened(folder: Path) -> tuple[Course, bytes]:
    """The course that was bundled into ``folder``, and its secret.

    Raises:
        CourseError: grader.toml cannot be used.
        OSError: the bundle is not whole.
    """
    # Unpacked by strangers' programs, the secret may have any mode: it is read here, and not by
    # the room of secrets, which refuses one that others can read.
    return load(folder / "grader.toml"), (folder / SECRET).read_bytes()


def grade(course: Course, submission: Submission, *, secret: bytes,
          tier: Tier | None = None) -> Result:
    """The result of one submission, in this process, and kept nowhere. Never unconfined.

    Raises:
        JudgeError: no judge can be made.
    """
    course = run.confined(course).model_copy(update={"store": StoreTable(url="sqlite://")})
    results: list[Result] = []
    with Store(course) as store:
        run.grade(course, submission.assignment, [submission],
                  run.bench(course, submission.assignment, secret=secret, tier=tier),
                  store=store, workers=1, progress=lambda result, fresh: results.append(result))
    [result] = results
    return result
