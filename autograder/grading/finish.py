"""The last step before a result is kept. It says whose the result is, and adds what no suite
examines: timed questions, and what was written for questions in free text."""

from __future__ import annotations

from autograder.course import Assignment, Course
from autograder.grading.executors import JudgedOrLost, Lost
from autograder.grading.jury import Jury
from autograder.result import (
    Environment,
    QuestionResult,
    Result,
    Sentence,
    Status,
    SubmissionStatus,
    sentence,
)
from autograder.submission import Submission, answers
from autograder.timing.pending import joined, with_timed

NO_TIER = "unknown"  # the tier of a result for which no worker answered


def judged(outcome: JudgedOrLost, course: Course, jury: Jury) -> Result:
    """What is kept of an executor's outcome."""
    task = outcome.task
    if isinstance(outcome, Lost):
        return _unjudged(task.submission, SubmissionStatus.INTERNAL, sentence(
            "Grading this submission ended the grader's own process twice. The course's staff "
            "has to look into it."), jury)
    assignment = course.assignment(task.submission.assignment)
    return _with_texts(with_timed(outcome.result, assignment, task.earlier, jury.digests),
                       assignment, task.submission)


def _with_texts(result: Result, assignment: Assignment, submission: Submission) -> Result:
    """With what a person has to mark, of a submission that is graded."""
    if not result.is_graded:
        return result
    return joined(result, assignment, [
        QuestionResult(name=name, status=Status.DEFERRED, text=text)
        for name, text in answers.texts(submission.files, assignment).items()])


def handed_in_by(submission: Submission, found: Result) -> Result:
    """What is kept of ``submission`` where the store has a result of equal files, which may be
    another student's, or of another day."""
    return found.model_copy(update={
        "student": submission.student, "submission": submission.record})


def unreadable(submission: Submission, problem: Sentence, jury: Jury) -> Result:
    """What is kept of a submission that cannot be opened."""
    return _unjudged(submission, SubmissionStatus.UNREADABLE, problem, jury)


def _unjudged(
    submission: Submission, status: SubmissionStatus, reason: Sentence, jury: Jury
) -> Result:
    """A result that no judge made."""
    return Result(
        assignment=submission.assignment, student=submission.student, status=status,
        message=reason, submission=submission.record,
        environment=Environment.here(
            sandbox=NO_TIER, suite=jury.suite, fingerprint=jury.fingerprint))
