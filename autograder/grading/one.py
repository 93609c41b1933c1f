"""One submission, graded where no store is: in a container, in CI, inside another grader."""

from __future__ import annotations

from autograder.course import Course, StoreTable, Tier
from autograder.grading import run
from autograder.result import Result
from autograder.store import Store
from autograder.submission import Submission


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
