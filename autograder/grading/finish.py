"""The last step before a result is kept, whoever made it: timed questions in their places, the
points of today, and how late it is."""

from __future__ import annotations

import platform
import sys
from decimal import ROUND_HALF_UP, Decimal

from autograder import __version__
from autograder.course import Course
from autograder.gradebook.points import rescored
from autograder.grading.executors import Judged, Outcome
from autograder.grading.jury import Jury, torch_version
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
    if isinstance(outcome, Judged):
        assignment = course.assignment(task.submission.assignment)
        return counted(with_timed(outcome.result, assignment, task.earlier, jury.digests), course)
    return _unjudged(task.submission, SubmissionStatus.INTERNAL, sentence(
        "Grading this submission ended the grader's own process twice; the course's staff "
        "has to look into it."), course, jury)


def unreadable(submission: Submission, problem: Sentence, course: Course, jury: Jury) -> Result:
    """What is kept of a submission that cannot be opened."""
    return _unjudged(submission, SubmissionStatus.UNREADABLE, problem, course, jury)


def handed_in_by(submission: Submission, found: Result, course: Course) -> Result:
    """What is kept of ``submission`` where the store has a result of equal files, which may be
    another student's, of another day."""
    return counted(found.model_copy(update={
        "student": submission.student, "submission": _record(submission)}), course)


def counted(result: Result, course: Course) -> Result:
    """``result`` with the points of today's grader.toml, less what lateness takes."""
    return with_lateness(rescored(result, course.assignment(result.assignment)), course)


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
    return counted(Result(
        assignment=submission.assignment, student=submission.student, status=status, score=0,
        max_score=0, message=reason, submission=_record(submission),
        environment=Environment(
            autograder=__version__, python=platform.python_version(), torch=torch_version(),
            platform=f"{sys.platform}-{platform.machine()}", sandbox=NO_TIER, suite=jury.suite,
            seed=jury.fingerprint),
    ), course)


def _record(submission: Submission) -> SubmissionRecord:
    return SubmissionRecord(
        digest=submission.digest, files=dict(submission.file_digests),
        submitted_at=submission.submitted_at)
