"""One submission, graded where no store is: in a container, in CI, inside another grader."""

from __future__ import annotations

from contextlib import closing

from autograder.course import Course, Tier
from autograder.grading import finish, interrupts, jury
from autograder.grading.executors import Here, ToJudge
from autograder.grading.interrupts import Interrupted
from autograder.grading.jury import Jury
from autograder.result import Result
from autograder.submission import Submission
from autograder.timing.pending import awaiting


def grade(course: Course, submission: Submission, *, secret: bytes,
          tier: Tier | None = None) -> Result:
    """The result of one submission, in this process, and kept nowhere. Never unconfined.

    Raises:
        JudgeError: no judge can be made.
        Interrupted: Ctrl-C or SIGTERM.
    """
    course = jury.confined(course)
    seated = jury.of_course(course, submission.assignment, secret=secret, tier=tier)
    try:
        with interrupts.heard():
            return _timed(submission, _judged(submission, course, seated), course, seated)
    except KeyboardInterrupt:
        raise Interrupted(0, 1) from None


def _judged(submission: Submission, course: Course, seated: Jury) -> Result:
    if submission.problem is not None:
        return finish.unreadable(submission, submission.problem, seated)
    [outcome] = Here(seated.make_judge).run(iter([ToJudge(submission)]))
    return finish.judged(outcome, course, seated)


def _timed(submission: Submission, result: Result, course: Course, seated: Jury) -> Result:
    questions = awaiting(result, course.assignment(result.assignment), seated.devices)
    if not questions or seated.make_timer is None:
        return result
    with closing(seated.make_timer()) as timer:
        return timer.time(submission, result, questions)
