"""The last step before a result is kept: timed questions in their places, points, and how late it
is. Both are decided here and nowhere else in this wing."""

from __future__ import annotations

import platform
import sys
from decimal import ROUND_HALF_UP, Decimal

from autograder import __version__
from autograder.course import Course
from autograder.gradebook.points import rescored
from autograder.grading.executors import Lost, Outcome
from autograder.grading.jury import Jury, Timer, ToTime, torch_version
from autograder.result import (
    Environment,
    Result,
    Sentence,
    SubmissionRecord,
    SubmissionStatus,
    sentence,
)
from autograder.submission import Submission
from autograder.timing import with_timed

NO_TIER = "unknown"  # the tier of a result for which no worker answered
_CENT = Decimal("0.01")


def judged(outcome: Outcome, course: Course, jury: Jury) -> Result:
    """What is kept of an executor's outcome."""
    task = outcome.task
    if isinstance(outcome, Lost):
        return _unjudged(task.submission, SubmissionStatus.INTERNAL, sentence(
            "Grading this submission ended the grader's own process twice. The course's staff "
            "has to look into it."), course, jury)
    assignment = course.assignment(task.submission.assignment)
    return with_lateness(
        with_timed(outcome.result, assignment, task.earlier, jury.digests), course)


def timed(task: ToTime, timer: Timer, course: Course) -> Result:
    """What is kept of a result when its questions have been timed."""
    return with_lateness(timer.time(task.submission, task.result, task.questions), course)


def handed_in_by(submission: Submission, found: Result, course: Course) -> Result:
    """What is kept of ``submission`` where the store has a result of equal files, which may be
    another student's, of another day, by other points."""
    own = found.model_copy(update={
        "student": submission.student, "submission": _record(submission)})
    return with_lateness(rescored(own, course.assignment(found.assignment)), course)


def unreadable(submission: Submission, problem: Sentence, course: Course, jury: Jury) -> Result:
    """What is kept of a submission that cannot be opened."""
    return _unjudged(submission, SubmissionStatus.UNREADABLE, problem, course, jury)


def with_lateness(result: Result, course: Course) -> Result:
    """``result`` with the late policy applied to its raw score, whatever was applied before."""
    days = course.late_days(result.assignment, result.student, result.submission.submitted_at)
    raw = Decimal(str(result.raw_score))
    penalty = (raw * course.late.share(days)).quantize(_CENT, ROUND_HALF_UP)
    score = (raw - penalty).quantize(_CENT, ROUND_HALF_UP)
    submission = result.submission.model_copy(update={"late_days": days})
    return result.model_copy(update={
        "submission": submission, "penalty": float(penalty), "score": float(score)})


def _unjudged(
    submission: Submission, status: SubmissionStatus, reason: Sentence, course: Course, jury: Jury
) -> Result:
    """A result that no judge made."""
    return with_lateness(Result(
        assignment=submission.assignment, student=submission.student, status=status, score=0,
        max_score=float(course.assignment(submission.assignment).points), message=reason,
        submission=_record(submission),
        environment=Environment(
            autograder=__version__, python=platform.python_version(), torch=torch_version(),
            platform=f"{sys.platform}-{platform.machine()}", sandbox=NO_TIER, suite=jury.suite,
            seed=jury.fingerprint),
    ), course)


def _record(submission: Submission) -> SubmissionRecord:
    return SubmissionRecord(
        digest=submission.digest, files=dict(submission.file_digests),
        submitted_at=submission.submitted_at)
